import { requirePeriod, requireSameLength } from "../arguments.ts";
import { firstBlock, type RollingVarianceOptions } from "./blocks.ts";

/**
 * Covariance of the last `period` pairs: `sum((x - mean x) * (y - mean y)) / (period - ddof)`, for the population by
 * default.
 *
 * Computed from distances to a pair in the window, as in `rollingVariance`. Exactly 0 where all values of one side are
 * equal. Warm-up: null before index `period - 1`. Nulls: null where either side's window holds one; always null if
 * `ddof` equals `period`. Finite: bits depend on the windows and on `ordinal`, see `RollingOptions`. One scratch array
 * of three numbers per bar of the window. Source: the usual definition; pandas' `rolling(period).cov(other,
 * ddof=...)`, whose default is 1.
 */
export function rollingCovariance(
  x: Float64Array,
  y: Float64Array,
  period: number,
  out: Float64Array,
  { ordinal = 0, ddof = 0 }: RollingVarianceOptions = {},
): void {
  requirePeriod("rollingCovariance", "period", period);
  requireSameLength("rollingCovariance", { y, out }, x.length);
  const first = firstBlock("rollingCovariance", ordinal, period);
  const length = x.length;
  out.fill(NaN, 0, period - 1);
  if (length < period) return;
  // For the previous block, from its bar `p` to its end: the sums of both distances and of their product from `3p` on.
  const suffix = new Float64Array(3 * (period + 1));
  const divisor = period > ddof ? period - ddof : NaN;
  for (let start = first; start < length; start += period) {
    const originX = x[start]!;
    const originY = y[start]!;
    const before = start - period;
    let sumX = 0;
    let sumY = 0;
    let products = 0;
    for (let row = start - 1; row >= before && row >= 0; row--) {
      const distanceX = x[row]! - originX;
      const distanceY = y[row]! - originY;
      const at = 3 * (row - before);
      suffix[at] = sumX += distanceX;
      suffix[at + 1] = sumY += distanceY;
      suffix[at + 2] = products += distanceX * distanceY;
    }
    const end = Math.min(start + period, length);
    sumX = sumY = products = 0;
    for (let row = start; row < end; row++) {
      const distanceX = x[row]! - originX;
      const distanceY = y[row]! - originY;
      sumX += distanceX;
      sumY += distanceY;
      products += distanceX * distanceY;
      if (row < period - 1) continue;
      const at = 3 * (row - start + 1);
      const totalX = sumX + suffix[at]!;
      const totalY = sumY + suffix[at + 1]!;
      out[row] = (products + suffix[at + 2]! - (totalX * totalY) / period) / divisor;
    }
  }
}
