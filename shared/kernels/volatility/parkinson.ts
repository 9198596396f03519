import { requirePeriod, requireSameLength } from "../arguments.ts";
import { rollingMean } from "../rolling/rolling-mean.ts";
import { logRatio } from "./log-ratio.ts";
import { toVolatility, type VolatilityOptions } from "./volatility-options.ts";

/** `1 / (4 ln 2)`. */
const SCALE = 0.36067376022224085;

/**
 * Parkinson's volatility: `sqrt(mean(ln(high / low)^2) / (4 ln 2) * barsPerYear)` over the last `period` bars. It
 * assumes that prices have no drift and no gaps between bars.
 *
 * Warm-up: null before index `period - 1`. Nulls: null where the window holds a high or low that is null, infinite or
 * not positive. Finite: look-back `period - 1`; bits depend on the window and on `ordinal`. Source: M. Parkinson, The
 * Extreme Value Method for Estimating the Variance of the Rate of Return, 1980.
 */
export function parkinsonVolatility(
  high: Float64Array,
  low: Float64Array,
  period: number,
  out: Float64Array,
  { ordinal, barsPerYear = 1 }: VolatilityOptions = {},
): void {
  requirePeriod("parkinsonVolatility", "period", period);
  requireSameLength("parkinsonVolatility", { low, out }, high.length);
  const terms = new Float64Array(high.length);
  for (let i = 0; i < high.length; i++) {
    const range = logRatio(high[i]!, low[i]!);
    terms[i] = SCALE * range * range;
  }
  rollingMean(terms, period, out, { ordinal });
  toVolatility("parkinsonVolatility", out, barsPerYear);
}
