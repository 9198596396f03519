import { requirePeriod, requireSameLength } from "../arguments.ts";
import { rollingVariance } from "../rolling/rolling-variance.ts";
import { logRatio } from "./log-ratio.ts";
import { toVolatility, type VolatilityOptions } from "./volatility-options.ts";

/**
 * Close-to-close volatility: the sample standard deviation (divisor `period - 1`) of the last `period` logarithmic
 * returns `ln(close[t] / close[t-1])`, times `sqrt(barsPerYear)`.
 *
 * Warm-up: null before index `period`; a period of 1 has no deviation and gives nulls. Exactly 0 if all returns of the
 * window are equal. Nulls: null where one of the last `period + 1` closes is null, infinite or not positive. Finite:
 * look-back `period`; bits depend on the window and on `ordinal`. Source: the usual definition; TTR's volatility(calc
 * = "close") for R.
 */
export function closeToCloseVolatility(
  close: Float64Array,
  period: number,
  out: Float64Array,
  { ordinal, barsPerYear = 1 }: VolatilityOptions = {},
): void {
  requirePeriod("closeToCloseVolatility", "period", period);
  requireSameLength("closeToCloseVolatility", { out }, close.length);
  const returns = new Float64Array(close.length).fill(NaN, 0, 1);
  for (let i = 1; i < close.length; i++) returns[i] = logRatio(close[i]!, close[i - 1]!);
  rollingVariance(returns, period, out, { ordinal, ddof: 1 });
  toVolatility("closeToCloseVolatility", out, barsPerYear);
}
