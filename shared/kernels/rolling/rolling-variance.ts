import { requirePeriod, requireSameLength } from "../arguments.ts";
import { firstBlock, type RollingVarianceOptions } from "./blocks.ts";

/**
 * Variance of the last `period` values: `sum((value - mean)^2) / (period - ddof)`, for the population by default.
 *
 * Computed as `(sum(d^2) - sum(d)^2 / n) / (n - ddof)` where `d` is the distance from a bar in the window. That bar is
 * at most `sqrt(n)` deviations from the mean, so no more than a factor of `n + 1` of precision is lost, whatever the
 * level: prices of 100000 ± 0.01 are as accurate as prices of 1 ± 0.01. Zero variance: exactly 0 if all values of the
 * window are equal. Warm-up: null before index `period - 1`. Nulls: null where the window holds one; always null if
 * `ddof` equals `period`. Finite: bits depend on the window and on `ordinal`, see `RollingOptions`. One scratch array
 * of two numbers per bar of the window. Source: the usual definition; pandas' `rolling(period).var(ddof=...)`, whose
 * default is 1.
 */
export function rollingVariance(
  values: Float64Array,
  period: number,
  out: Float64Array,
  { ordinal = 0, ddof = 0 }: RollingVarianceOptions = {},
): void {
  requirePeriod("rollingVariance", "period", period);
  requireSameLength("rollingVariance", { out }, values.length);
  const first = firstBlock("rollingVariance", ordinal, period);
  const length = values.length;
  out.fill(NaN, 0, period - 1);
  if (length < period) return;
  // For the previous block, from its bar `p` to its end: the sum of distances at `2p`, the sum of their squares at `2p
  // + 1`.
  const suffix = new Float64Array(2 * (period + 1));
  const divisor = period > ddof ? period - ddof : NaN;
  for (let start = first; start < length; start += period) {
    const origin = values[start]!;
    const before = start - period;
    let sum = 0;
    let squares = 0;
    for (let row = start - 1; row >= before && row >= 0; row--) {
      const distance = values[row]! - origin;
      sum += distance;
      squares += distance * distance;
      suffix[2 * (row - before)] = sum;
      suffix[2 * (row - before) + 1] = squares;
    }
    const end = Math.min(start + period, length);
    sum = squares = 0;
    for (let row = start; row < end; row++) {
      const distance = values[row]! - origin;
      sum += distance;
      squares += distance * distance;
      if (row < period - 1) continue;
      const total = sum + suffix[2 * (row - start + 1)]!;
      const variance = (squares + suffix[2 * (row - start + 1) + 1]! - (total * total) / period) / divisor;
      out[row] = variance < 0 ? 0 : variance;
    }
  }
}
