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

/** The smallest column type that holds -100, 0 and 100. */
const flag = int32.as("flag");

/**
 * Japanese candlestick patterns after TA-Lib, one column each: 100 where a pattern ends and points up (or has no
 * direction), -100 where it points down, 0 where there is none. README.md beside this file defines every pattern.
 *
 * Long, short, doji, near and equal are measured against means over the bars before (`period` bars for bodies and shadows,
 * `near_period` for distances between prices), with TA-Lib's factors. No pattern requires a preceding trend. A bar whose
 * four prices are equal is a doji.
 *
 * A pattern is null until there are enough bars, and while one of the bars it depends on has a null price: engulfing needs
 * 2 bars, a doji 11, rising and falling three methods 15. With the default parameters, no pattern looks back more than 14
 * bars. Each pattern is a chain of comparisons, so if a body equals its mean to the last digit, the rounding of an adjusted
 * price can change the result.
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
      .describe("earlier bars over which bodies and shadows are averaged"),
    near_period: z
      .int()
      .min(1)
      .max(1_000)
      .default(5)
      .describe("earlier bars that define near, far and equal"),
    star_penetration: z
      .number()
      .min(0)
      .max(10)
      .default(0.3)
      .describe("share of the first body that a star's last bar must close into"),
    cloud_penetration: z
      .number()
      .min(0)
      .max(10)
      .default(0.5)
      .describe("share of the first body that a dark cloud must close into"),
  }),
  inputs: { bars: { open: float64, high: float64, low: float64, close: float64 } },
  // The cast restores the names, which Object.fromEntries loses.
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
