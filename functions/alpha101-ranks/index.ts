import { defineFeature } from "quiver";
import { alpha101HelperParams, alpha101Stage } from "quiver/kernels";
import { z } from "zod";

const stage = alpha101Stage(2);

/**
 * Ranks, and what is computed from them and the bars alone: all alphas whose last step is a rank, and the series over
 * which `alpha101-series` and `alpha101` take windows. A helper, not meant to be called; `alpha101` describes operators
 * and nulls.
 */
export default defineFeature({
  description: "Helper of alpha101, stage 2 of 5: ranks among all symbols of the moment",
  source: "Kakushadze, 101 Formulaic Alphas, arXiv 1601.00991",
  helper: true,
  partition: "date",
  params: alpha101HelperParams(z),
  inputs: stage.inputs,
  outputs: stage.outputs,
  memory: { lookBack: stage.lookBack },
  handler: stage.run,
});
