import { defineFeature } from "quiver";
import { alpha101Numbers, alpha101Stage } from "quiver/kernels";
import { z } from "zod";

const stage = alpha101Stage(1);

/**
 * What the ranks of `alpha101-ranks` and `alpha101-reranks` are taken of, computed from the bars of one symbol: one column for
 * each part of the formulas of `alphas`, named after it. Not meant to be asked for; `alpha101` describes operators and nulls.
 */
export default defineFeature({
  description: "Helper of alpha101, stage 1 of 5: what its ranks are taken of, one symbol at a time",
  source: "Kakushadze, 101 Formulaic Alphas, arXiv 1601.00991",
  helper: true,
  partition: "symbol",
  params: z.object({
    alphas: z
      .array(z.int())
      .min(1)
      .default([...alpha101Numbers])
      .describe("numbers of the alphas"),
    vwap: z.string().default("typical").describe("as in alpha101"),
    adv: z.enum(["money", "shares"]).default("money").describe("as in alpha101"),
    bars: z.string().default("").describe("as in alpha101"),
  }),
  inputs: stage.inputs,
  outputs: stage.outputs,
  memory: { lookBack: stage.lookBack },
  handler: stage.run,
});
