import { requireSameLength } from "../arguments.ts";

/**
 * Percentile rank of each value among all given values: its position in ascending order, from 1, divided by the number
 * of values; equal values share the mean of their positions. In (0, 1]; a single value has rank 1.
 *
 * Nulls: NaN and infinite values are left out of the count and stay null. Source: the usual definition; agrees with
 * pandas' `rank(pct=True)`. Allocates one scratch array of twice the length per call.
 */
export function percentRank(values: Float64Array, out: Float64Array): void {
  requireSameLength("percentRank", { out }, values.length);
  const scratch = new Float64Array(2 * values.length);
  let size = 0;
  for (let i = 0; i < values.length; i++) {
    const value = values[i]!;
    if (value - value === 0) scratch[size++] = value;
  }
  const sorted = scratch.subarray(0, size).sort();
  const ranks = scratch.subarray(values.length, values.length + size);
  rankRuns(sorted, ranks);
  for (let i = 0; i < values.length; i++) {
    const value = values[i]!;
    out[i] = value - value === 0 ? ranks[firstNotBelow(sorted, value)]! : NaN;
  }
}

/** The shared rank of each run of equal values, written at the start of the run. */
function rankRuns(sorted: Float64Array, ranks: Float64Array): void {
  const size = sorted.length;
  for (let first = 0; first < size;) {
    const value = sorted[first]!;
    let end = first + 1;
    while (end < size && sorted[end] === value) end++;
    ranks[first] = (first + 1 + end) / 2 / size;
    first = end;
  }
}

/** Index of the first element ≥ value. The value is known to be present. */
function firstNotBelow(sorted: Float64Array, value: number): number {
  let base = 0;
  for (let size = sorted.length; size > 1;) {
    const half = size >>> 1;
    // Without a branch, because which half it is cannot be predicted.
    base += sorted[base + half - 1]! < value ? half : 0;
    size -= half;
  }
  return base;
}
