import { requireSameLength } from "../arguments.ts";

/**
 * Distance of each value from the mean of all given values, in standard deviations: `(value - mean) /
 * sqrt(sum((value - mean)^2) / count)`. The values are the whole population, so the divisor is their count.
 *
 * Null where all values are equal, and for a single value. Equal values have a deviation of exactly zero. Nulls: NaN
 * and infinite values are left out and stay null. Source: the usual definition of the standard score.
 */
export function zScore(values: Float64Array, out: Float64Array): void {
  requireSameLength("zScore", { out }, values.length);
  const length = values.length;
  // Distances from one of the values are exact where values are equal, and their squares do not cancel.
  let origin = NaN;
  let count = 0;
  let sum = 0;
  for (let i = 0; i < length; i++) {
    const value = values[i]!;
    if (value - value !== 0) continue;
    if (count === 0) origin = value;
    count++;
    sum += value - origin;
  }
  const mean = sum / count;
  let squares = 0;
  for (let i = 0; i < length; i++) {
    const value = values[i]!;
    if (value - value !== 0) continue;
    const distance = value - origin - mean;
    squares += distance * distance;
  }
  const deviation = squares === 0 ? NaN : Math.sqrt(squares / count);
  for (let i = 0; i < length; i++) {
    const value = values[i]!;
    out[i] = value - value === 0 ? (value - origin - mean) / deviation : NaN;
  }
}
