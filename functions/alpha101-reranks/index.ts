import { defineFeature } from "quiver";
import { alpha101Numbers, alpha101Stage } from "quiver/kernels";
import { z } from "zod";

const stage = alpha101Stage(4);

/**
 * Ranks of what `alpha101-series` gives: alphas that end in one, and what `alpha101` takes windows over. Not meant to be asked
 * for; `alpha101` describes operators and nulls.
 */
export default defineFeature({
  description: "Helper of alpha101, stage 4 of 5: ranks of those windows among all symbols of the moment",
  source: "Kakushadze, 101 Formulaic Alphas, arXiv 1601.00991",
  helper: true,
  partition: "date",
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
