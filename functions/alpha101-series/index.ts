import { defineFeature } from "quiver";
import { alpha101HelperParams, alpha101Stage } from "quiver/kernels";
import { z } from "zod";

const stage = alpha101Stage(3);

/**
 * Windows over ranks that `alpha101-reranks` ranks again: one column for each such part of the formulas of `alphas`, named
 * after it. A helper, not meant to be called; `alpha101` describes operators and nulls.
 */
export default defineFeature({
  description: "Helper of alpha101, stage 3 of 5: windows over those ranks, one symbol at a time",
  source: "Kakushadze, 101 Formulaic Alphas, arXiv 1601.00991",
  helper: true,
  partition: "symbol",
  params: alpha101HelperParams(z),
  inputs: stage.inputs,
  outputs: stage.outputs,
  memory: { lookBack: stage.lookBack },
  handler: stage.run,
});
