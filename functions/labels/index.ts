import { defineFeature, float64, ratio } from "quiver";
import { forwardReturn, rollingStd, simpleReturn, tripleBarrier } from "quiver/kernels";
import { z } from "zod";

/** One output for each horizon. */
function columnsOf(horizons: readonly number[]): Record<`forward_return_${number}`, typeof ratio> {
  const columns: Record<`forward_return_${number}`, typeof ratio> = {};
  for (const horizon of horizons) columns[`forward_return_${horizon}`] = ratio;
  return columns;
}

/**
 * What happened after each bar, for training models and evaluating features; features cannot read it. A trade is decided at
 * the end of bar t and entered at the next bar, at its open or close (`entry`), because nobody can trade on a bar that is
 * still forming. Held for h whole bars, it exits at close[t+h] if it was entered at open[t+1], and at close[t+1+h] if it was
 * entered at close[t+1].
 *
 * - `forward_return_<h>`, one for each of `horizons`: exit / entry - 1. Null if the data ends before the exit.
 * - `barrier`: the barrier that a long trade meets first: 1 upper, -1 lower, 0 neither within `vertical` whole bars. The
 *   barriers are entry * (1 + upper * s) and entry * (1 - lower * s), where s is the standard deviation (divisor n - 1) of
 *   the last `volatility_period` simple returns of the close up to and including bar t. A bar that opens beyond a barrier
 *   meets it at the open. **A tie**, with both barriers inside one bar, counts as the lower one.
 * - `barrier_return`: exit / entry - 1, where the exit is the barrier's price, the open beyond it, or the last close.
 * - `barrier_bars`: whole bars held, from 1 to `vertical`.
 *
 * The barrier columns are null for the first `volatility_period` bars, where s is null or zero, where a bar on the way is
 * null, and for the last bars, where the data ends before `vertical`. Raw prices jump at splits: bind `bars` to
 * `adjusted-bars`.
 */
export default defineFeature({
  description: "Forward returns and triple-barrier outcomes of a trade entered at the next bar",
  source: "López de Prado, Advances in Financial Machine Learning, 2018, chapter 3",
  kind: "label",
  params: z.object({
    entry: z
      .enum(["open", "close"])
      .default("open")
      .describe("price of the next bar at which a trade is entered"),
    horizons: z
      .array(z.int().min(1).max(10_000))
      .min(1)
      .max(64)
      .refine((all) => new Set(all).size === all.length, "expected each horizon once")
      .default([1, 5, 20])
      .describe("whole bars held, one column each"),
    volatility_period: z
      .int()
      .min(2)
      .max(10_000)
      .default(20)
      .describe("returns whose deviation sets the width of the barriers"),
    upper: z
      .number()
      .min(0)
      .max(1000)
      .default(1)
      .describe("distance of the upper barrier in volatilities; 0 for none"),
    lower: z
      .number()
      .min(0)
      .max(1000)
      .default(1)
      .describe("distance of the lower barrier in volatilities; 0 for none"),
    vertical: z
      .int()
      .min(1)
      .max(10_000)
      .default(10)
      .describe("whole bars after which the trade exits anyway"),
  }),
  inputs: { bars: { open: float64, high: float64, low: float64, close: float64 } },
  outputs: ({ horizons }) =>
    Object.assign(columnsOf(horizons), {
      barrier: float64.as("flag"),
      barrier_return: ratio,
      barrier_bars: float64.as("count"),
    }),
  memory: { lookBack: ({ volatility_period: period }) => period },
  handler({ bars }, out, { params, ordinal }) {
    const { entry, horizons, vertical, upper, lower } = params;
    const delay = entry === "open" ? 0 : 1;
    for (const horizon of horizons) {
      const lags = { entryLag: 1, exitLag: horizon + delay };
      forwardReturn(bars[entry], bars.close, lags, out[`forward_return_${horizon}`]!);
    }
    // `barrier_return` serves as a buffer for the returns, until tripleBarrier overwrites it.
    const volatility = new Float64Array(bars.close.length);
    simpleReturn(bars.close, 1, out.barrier_return);
    rollingStd(out.barrier_return, params.volatility_period, volatility, { ordinal, ddof: 1 });
    const outputs = { label: out.barrier, exitReturn: out.barrier_return, held: out.barrier_bars };
    tripleBarrier({ ...bars, volatility }, { entry, upper, lower, horizon: vertical }, outputs);
  },
});
