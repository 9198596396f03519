import { defineFeature } from "quiver";
import { alpha101Numbers, alpha101Stage } from "quiver/kernels";
import { z } from "zod";

const stage = alpha101Stage(5);

/**
 * Kakushadze's alphas that need prices, volume, vwap and returns alone, one column `alpha<n>` for each of `alphas`:
 * 1-47, 49-55, 57, 60-62, 64-66, 68, 71-75, 77, 78, 81, 83-86, 88, 92, 94-96, 98, 99 and 101. Left out are those that are
 * neutralised by industry (48, 58, 59, 63, 67, 69, 70, 76, 79, 80, 82, 87, 89-91, 93, 97, 100) or need market
 * capitalisation (56). Their texts, as the paper prints them, are in `shared/kernels/formulas/alpha101-formulas.ts`.
 *
 * They are computed in five stages that see symbols and moments in turn: `alpha101-terms`, `alpha101-ranks`,
 * `alpha101-series`, `alpha101-reranks` and this one. Each computes what the alphas asked for need, and no more.
 *
 * Definitions, where the paper leaves a choice:
 * - `rank`: place in ascending order among all symbols of the moment divided by their number, equal values sharing the mean
 *   of their places. `scale`: divided by the sum of absolute values.
 * - `Ts_Rank`: the same over the last d bars of the symbol, in (0, 1]. `Ts_ArgMax`, `Ts_ArgMin`: d for the current bar down
 *   to 1 for the oldest; of equal ones the latest. `decay_linear`: weights d to 1.
 * - `stddev` and `covariance` divide by d - 1. `min` and `max` of two series are row by row, of a number over that many bars.
 *   A d that is not whole is rounded down, as the paper says.
 * - Order does not hang on rounding. Before they are ordered, values are rounded: in `rank` to multiples of 2^-40 of the
 *   smallest power of two that is not below the moment's largest, in `Ts_Rank`, `Ts_ArgMax` and `Ts_ArgMin` to 40 bits. A
 *   correlation is rounded to a multiple of 2^-40.
 * - `returns`: close / close one bar before - 1. `adv<d>`: mean of volume times vwap over d bars ("average daily dollar
 *   volume"), or of volume with `adv: "shares"`, as most libraries compute it.
 * - `vwap`: the column named, or the typical price (high + low + close) / 3.
 *
 * Nulls: anything computed from a null is null, a window with a null in it too; a rank leaves nulls out. A quotient by
 * zero is null, and so are a correlation of a side that does not move, a logarithm of what is not positive, and a power
 * without a finite value. Windows over ranks that stand still are therefore null, those of `alpha96` nearly always.
 * Conditions are 1 or 0.
 *
 * The universe is every symbol of the dataset, whichever are asked for. Values of most alphas depend on the scale of prices
 * (`rank(open)`): name `adjusted-bars` as `bars` where splits matter.
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
      .describe("numbers of the alphas wanted, one column each"),
    vwap: z
      .string()
      .regex(/^[A-Za-z_]\w*$/)
      .default("typical")
      .describe("column with the volume-weighted average price, or typical: (high + low + close) / 3"),
    adv: z
      .enum(["money", "shares"])
      .default("money")
      .describe("what average daily volume is of: volume times vwap, as in the paper, or volume"),
    bars: z
      .string()
      .default("")
      .describe(
        "function whose outputs stand in place of the dataset's bars (adjusted-bars); none when empty",
      ),
  }),
  inputs: stage.inputs,
  outputs: stage.outputs,
  memory: { lookBack: stage.lookBack },
  handler: stage.run,
});
