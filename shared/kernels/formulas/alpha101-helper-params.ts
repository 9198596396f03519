import type { z as Zod } from "zod";
import { alpha101Numbers } from "./alpha101-stage.ts";

/**
 * The parameters of the functions that compute stages 1 to 4; `alpha101` checks and documents them. `z` is the author's
 * own import, because kernels are loaded where no schema library is.
 */
export function alpha101HelperParams(z: typeof Zod) {
  return z.object({
    alphas: z
      .array(z.int())
      .min(1)
      .default([...alpha101Numbers])
      .describe("numbers of the alphas"),
    vwap: z.string().default("typical").describe("as in alpha101"),
    adv: z.enum(["money", "shares"]).default("money").describe("as in alpha101"),
    bars: z.string().default("").describe("as in alpha101"),
  });
}
