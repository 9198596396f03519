import { requirePeriod, requireSameLength } from "../arguments.ts";
import { firstBlock, type RollingVarianceOptions } from "./blocks.ts";

/**
 * Pearson's correlation of the last `period` pairs, in [-1, 1].
 *
 * Computed from distances to a pair in the window, as in `rollingVariance`. The divisors of variance and covariance
 * cancel out, so `ddof` matters only in that a `period` not above it gives null. Zero variance: null where all values
 * of one side are equal. Warm-up: null before index `period - 1`. Nulls: null where either side's window holds one.
 * Finite: bits depend on the windows and on `ordinal`, see `RollingOptions`. One scratch array of five numbers per bar
 * of the window. Source: the usual definition; pandas' `rolling(period).corr(other)`.
 */
export function rollingCorrelation(
  x: Float64Array,
  y: Float64Array,
  period: number,
  out: Float64Array,
  { ordinal = 0, ddof = 0 }: RollingVarianceOptions = {},
): void {
  requirePeriod("rollingCorrelation", "period", period);
  requireSameLength("rollingCorrelation", { y, out }, x.length);
  const first = firstBlock("rollingCorrelation", ordinal, period);
  const length = x.length;
  out.fill(NaN, 0, period <= ddof ? length : period - 1);
  if (length < period || period <= ddof) return;
  // For the previous block, from its bar `p` to its end: the sums of both distances, squares and products from `5p`
  // on.
  const suffix = new Float64Array(5 * (period + 1));
  for (let start = first; start < length; start += period) {
    const originX = x[start]!;
    const originY = y[start]!;
    const before = start - period;
    let sumX = 0;
    let sumY = 0;
    let squaresX = 0;
    let squaresY = 0;
    let products = 0;
    for (let row = start - 1; row >= before && row >= 0; row--) {
      const distanceX = x[row]! - originX;
      const distanceY = y[row]! - originY;
      const at = 5 * (row - before);
      suffix[at] = sumX += distanceX;
      suffix[at + 1] = sumY += distanceY;
      suffix[at + 2] = squaresX += distanceX * distanceX;
      suffix[at + 3] = squaresY += distanceY * distanceY;
      suffix[at + 4] = products += distanceX * distanceY;
    }
    const end = Math.min(start + period, length);
    sumX = sumY = squaresX = squaresY = products = 0;
    for (let row = start; row < end; row++) {
      const distanceX = x[row]! - originX;
      const distanceY = y[row]! - originY;
      sumX += distanceX;
      sumY += distanceY;
      squaresX += distanceX * distanceX;
      squaresY += distanceY * distanceY;
      products += distanceX * distanceY;
      if (row < period - 1) continue;
      const at = 5 * (row - start + 1);
      const totalX = sumX + suffix[at]!;
      const totalY = sumY + suffix[at + 1]!;
      // Two roots, because the product of two variances may exceed the range of doubles.
      const spreadX = Math.sqrt(squaresX + suffix[at + 2]! - (totalX * totalX) / period);
      const spreadY = Math.sqrt(squaresY + suffix[at + 3]! - (totalY * totalY) / period);
      const covariance = products + suffix[at + 4]! - (totalX * totalY) / period;
      const correlation = covariance / (spreadX * spreadY);
      out[row] = correlation > 1 ? 1 : correlation < -1 ? -1 : correlation;
    }
  }
}
