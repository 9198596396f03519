import type { ColumnTally } from "./workspace.ts";

/**
 * One pass over rows `from` to `to` of a float column: finite values go to `target` behind those already there,
 * NaN and ±Infinity become nulls at `ordinal` and following, the tally grows.
 *
 * Kept small and at the top level: inside a larger function the same loop took six times as long.
 */
export function scanFloats<A extends Float64Array | Float32Array>(
  source: A,
  from: number,
  to: number,
  ordinal: number,
  target: A,
  nulls: Int32Array,
  tally: ColumnTally,
): void {
  let { valueCount, nullCount, infCount, min, max } = tally;
  for (let i = from; i < to; i++) {
    const value = source[i]!;
    if (value - value === 0) {
      target[valueCount++] = value;
      if (value < min) min = value;
      if (value > max) max = value;
    } else {
      if (value === value) infCount++;
      nulls[nullCount++] = ordinal + i - from;
    }
  }
  tally.valueCount = valueCount;
  tally.nullCount = nullCount;
  tally.infCount = infCount;
  tally.min = min;
  tally.max = max;
}
