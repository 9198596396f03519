import { requireSameLength } from "../arguments.ts";

/**
 * Limits values to the `tail` and `1 - tail` quantiles of all given values; values in between stay as they are. A
 * quantile between two values is interpolated linearly: at position `q * (count - 1)`, counted from 0.
 *
 * Nulls: NaN and infinite values are left out and stay null. `tail` ranges from 0 (nothing changes) to below 0.5.
 * Source: Tukey, The Future of Data Analysis, 1962; quantiles as numpy's and pandas' `linear`. Allocates one scratch
 * array per call.
 */
export function winsorize(values: Float64Array, tail: number, out: Float64Array): void {
  if (!(tail >= 0 && tail < 0.5)) {
    throw new RangeError(`Cannot compute winsorize: tail is ${tail}, expected a share from 0 to below 0.5.`);
  }
  requireSameLength("winsorize", { out }, values.length);
  const scratch = new Float64Array(values.length);
  let size = 0;
  for (let i = 0; i < values.length; i++) {
    const value = values[i]!;
    if (value - value === 0) scratch[size++] = value;
  }
  const sorted = scratch.subarray(0, size).sort();
  const low = quantileOf(sorted, tail);
  const high = quantileOf(sorted, 1 - tail);
  for (let i = 0; i < values.length; i++) {
    const value = values[i]!;
    if (value - value !== 0) out[i] = NaN;
    else out[i] = value < low ? low : value > high ? high : value;
  }
}

function quantileOf(sorted: Float64Array, q: number): number {
  if (sorted.length === 0) return NaN;
  const place = q * (sorted.length - 1);
  const below = Math.floor(place);
  const low = sorted[below]!;
  const high = sorted[Math.min(below + 1, sorted.length - 1)]!;
  return low + (high - low) * (place - below);
}
