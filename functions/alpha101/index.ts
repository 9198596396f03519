import { defineFeature } from "quiver";
import { alpha101Numbers, alpha101Stage } from "quiver/kernels";
import { z } from "zod";

const stage = alpha101Stage(5);

/**
 * Those of Kakushadze's alphas that need only prices, volume, vwap and returns, one column `alpha<n>` for each of `alphas`:
 * 1-47, 49-55, 57, 60-62, 64-66, 68, 71-75, 77, 78, 81, 83-86, 88, 92, 94-96, 98, 99 and 101. The others are neutralised
 * by industry (48, 58, 59, 63, 67, 69, 70, 76, 79, 80, 82, 87, 89-91, 93, 97, 100) or need market capitalisation (56). The
 * formulas, as the paper prints them, are in `shared/kernels/formulas/alpha101-formulas.ts`.
 *
 * They are computed in five stages that alternate between symbols and moments: `alpha101-terms`, `alpha101-ranks`,
 * `alpha101-series`, `alpha101-reranks` and this one. Each computes only what the requested alphas need.
 *
 * Definitions, where the paper leaves a choice:
 * - `rank`: place in ascending order among all symbols of the moment, divided by their number; equal values share the mean
 *   of their places. `scale`: divided by the sum of absolute values.
 * - `Ts_Rank`: the same over the last d bars of the symbol, in (0, 1]. `Ts_ArgMax`, `Ts_ArgMin`: d for the current bar down
 *   to 1 for the oldest; the latest of equal values counts. `decay_linear`: weights d to 1.
 * - `stddev` and `covariance` divide by d - 1. `min` and `max` of two series work row by row; with a number, over that many
 *   bars. A d that is not whole is rounded down, as the paper says.
 * - Rounding does not decide an order. Values are rounded before they are ordered: in `rank` to multiples of 2^-40 of the
 *   smallest power of two that is not below the moment's largest, in `Ts_Rank`, `Ts_ArgMax` and `Ts_ArgMin` to 40 bits. A
 *   correlation is rounded to a multiple of 2^-40.
 * - `returns`: close / close one bar before - 1. `adv<d>`: mean of volume times vwap over d bars ("average daily dollar
 *   volume"), or of volume with `adv: "shares"`, as most libraries compute it.
 * - `vwap`: the named column, or the typical price (high + low + close) / 3.
 *
 * Nulls: anything computed from a null, or from a window that holds one, is null; a rank leaves nulls out. Also null are a
 * quotient by zero, a correlation with a constant side, a logarithm of a number that is not positive, and a power without
 * a finite value. Windows over constant ranks are therefore null, those of `alpha96` nearly always. Conditions are 1 or 0.
 *
 * The universe is every symbol of the dataset, whichever are selected. Most alphas depend on the scale of prices
 * (`rank(open)`): set `bars` to `adjusted-bars` where splits matter.
 */
export default defineFeature({
  description: "82 of the 101 formulaic alphas: those of prices, volume, vwap and returns",
  source: "Kakushadze, 101 Formulaic Alphas, arXiv 1601.00991",
  params: z.object({
    alphas: z
      .array(
        z
          .int()
          .refine(
            (number) => alpha101Numbers.includes(number),
            `expected one of ${alpha101Numbers.join(", ")}`,
          ),
      )
      .min(1)
      .refine((all) => new Set(all).size === all.length, "expected each alpha once")
      .default([...alpha101Numbers])
      .describe("numbers of the alphas, one column each"),
    vwap: z
      .string()
      .regex(/^[A-Za-z_]\w*$/)
      .default("typical")
      .describe("column with the volume-weighted average price, or typical: (high + low + close) / 3"),
    adv: z
      .enum(["money", "shares"])
      .default("money")
      .describe("what the average daily volume averages: volume times vwap, as in the paper, or volume"),
    bars: z
      .string()
      .default("")
      .describe("function that provides the bars, such as adjusted-bars; empty for the dataset's own"),
  }),
  inputs: stage.inputs,
  outputs: stage.outputs,
  memory: { lookBack: stage.lookBack },
  handler: stage.run,
});
