import { requirePeriod, requireSameLength } from "../arguments.ts";

/**
 * Mean absolute deviation of the last `period` values: the mean of their distances from their mean; exactly 0 if all
 * are equal.
 *
 * Warm-up: null before index `period - 1`. Nulls: null where the window holds one (strict, as pandas by default).
 * Finite: depends on the window alone. Each window is traversed twice, about `2 * period` steps per bar: the distances
 * change with the mean, and avoiding the traversal would require a sorted window with prefix sums. Source: the usual
 * definition, about the mean (not the median).
 */
export function rollingMeanAbsoluteDeviation(values: Float64Array, period: number, out: Float64Array): void {
  requirePeriod("rollingMeanAbsoluteDeviation", "period", period);
  requireSameLength("rollingMeanAbsoluteDeviation", { out }, values.length);
  out.fill(NaN, 0, period - 1);
  for (let i = period - 1; i < values.length; i++) {
    const first = i - period + 1;
    const origin = values[first]!;
    let sum = 0;
    for (let k = first; k <= i; k++) sum += values[k]! - origin;
    const mean = origin + sum / period;
    let distances = 0;
    for (let k = first; k <= i; k++) distances += Math.abs(values[k]! - mean);
    out[i] = distances / period;
  }
}
