import { defineFeature, float64, price } from "quiver";
import { fractionalDifference, fractionalWeights, fractionalWidthMax, log } from "quiver/kernels";
import { z } from "zod";

/**
 * Fractional difference of the close over a window of fixed width: nearly stationary, while it keeps as much of the level's
 * memory as the order `d` leaves.
 *
 * - `frac_diff`: sum over k of w[k] * value[t - k], with w[0] = 1 and w[k] = -w[k-1] * (d - k + 1) / k. The value is
 *   ln(close), or the close itself with `log: false` (then in the unit of prices). Weights whose size is below `threshold`
 *   are left out; `width`, if given, fixes their number instead. A constant factor on all prices adds a constant (log) or
 *   multiplies the result (no log). With d = 1 it is the one-bar log return (log) or change (no log).
 *
 * The look-back is the number of weights minus one: 281 bars for d = 0.4 and a threshold of 1e-4. The first values are
 * null, and so are those whose window holds a close that is null (or, with `log`, not positive).
 */
export default defineFeature({
  description: "Fractional difference of the close over a fixed-width window",
  source: "Lopez de Prado, Advances in Financial Machine Learning, 2018, chapter 5",
  params: z
    .object({
      d: z
        .number()
        .min(0)
        .max(10)
        .default(0.4)
        .describe("order of the difference: 0 keeps the level, 1 is the change"),
      threshold: z
        .number()
        .min(1e-12)
        .max(1)
        .default(1e-4)
        .describe("weights smaller than this are left out, unless width is given"),
      width: z
        .int()
        .min(1)
        .max(fractionalWidthMax)
        .optional()
        .describe("number of weights, instead of a threshold"),
      log: z.boolean().default(true).describe("difference the logarithm of the close"),
    })
    .superRefine(({ d, threshold, width }, context) => {
      try {
        fractionalWeights(d, { threshold, width });
      } catch (error) {
        const message = error instanceof Error ? error.message.replace(/\.$/, "") : String(error);
        context.addIssue({ code: "custom", path: ["threshold"], message });
      }
    }),
  inputs: { bars: { close: float64 } },
  outputs: ({ log: isLog }) => ({ frac_diff: isLog ? float64 : price }),
  memory: { lookBack: ({ d, threshold, width }) => fractionalWeights(d, { threshold, width }).length - 1 },
  handler({ bars }, out, { params }) {
    const { d, threshold, width } = params;
    const values = params.log ? logarithms(bars.close) : bars.close;
    fractionalDifference(values, d, { threshold, width }, out.frac_diff);
  },
});

function logarithms(close: Float64Array): Float64Array {
  const values = new Float64Array(close.length);
  for (let i = 0; i < close.length; i++) values[i] = close[i]! > 0 ? log(close[i]!) : NaN;
  return values;
}
