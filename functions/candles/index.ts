import { defineFeature, float64, int32 } from "quiver";
import {
  candleLookBack,
  candlePattern,
  type CandlePatternName,
  candlePatternNames,
  readCandles,
} from "quiver/kernels";
import { z } from "zod";

/** One column for each pattern. */
type PatternColumns<C> = { readonly [Name in CandlePatternName]: C };

/** int32 is the smallest type that a column has for -100, 0 and 100. */
const flag = int32.as("flag");

/**
 * Japanese candlestick patterns after TA-Lib, one column each: 100 where a pattern ends and points up (or has no
 * direction), -100 where it points down, 0 where it is not there. The columns are int32, the smallest type there is
 * for them. README.md beside this file defines every pattern.
 *
 * What is long, short, doji, near or equal is measured against means over the bars before (`period` bars for bodies and
 * shadows, `near_period` for distances between prices), with TA-Lib's factors. No pattern asks whether a trend went
 * before. A bar whose four prices are equal is a doji.
 *
 * A pattern is null until the bars it depends on are there, and while one of them has a null price: engulfing needs 2
 * bars, a doji 11, rising and falling three methods 15. All depend on finitely many bars: 14 before the current one.
 * Verdicts are on one side or the other of a comparison, so where a body equals its mean to the last digit, an adjusted
 * price (another rounding) can turn a verdict.
 */
export default defineFeature({
  description: "37 candlestick patterns as -100, 0 and 100",
  source: "TA-Lib, pattern recognition functions and default candle settings",
  params: z.object({
    period: z
      .int()
      .min(1)
      .max(1_000)
      .default(10)
      .describe("bars before, over which bodies and shadows are averaged"),
    near_period: z
      .int()
      .min(1)
      .max(1_000)
      .default(5)
      .describe("bars before, for what near, far and equal are"),
    star_penetration: z
      .number()
      .min(0)
      .max(10)
      .default(0.3)
      .describe("share of the first body that a star's last bar closes into"),
    cloud_penetration: z
      .number()
      .min(0)
      .max(10)
      .default(0.5)
      .describe("share of the first body that a dark cloud closes into"),
  }),
  inputs: { bars: { open: float64, high: float64, low: float64, close: float64 } },
  // fromEntries forgets the names that it was given.
  outputs: Object.fromEntries(candlePatternNames.map((name) => [name, flag])) as PatternColumns<typeof flag>,
  memory: {
    lookBack: ({ period, near_period: nearPeriod }) =>
      Math.max(...candlePatternNames.map((name) => candleLookBack(name, { period, nearPeriod }))),
  },
  handler({ bars }, out, { params }) {
    const { open, high, low, close } = bars;
    const candles = readCandles(open, high, low, close, {
      period: params.period,
      nearPeriod: params.near_period,
    });
    const options = { starPenetration: params.star_penetration, cloudPenetration: params.cloud_penetration };
    for (const name of candlePatternNames) {
      candlePattern(candles, name, out[name].values, out[name].valid, options);
    }
  },
});
