import type { ColumnTally } from "./workspace.ts";

/**
 * One pass over rows `from` to `to` of a column of 32-bit integers, dates or booleans: see `scanFloats`. Without
 * `valid`, every row holds a value.
 */
export function scanIntegers<A extends Int32Array | Uint8Array>(
  source: A,
  valid: Uint8Array | undefined,
  from: number,
  to: number,
  ordinal: number,
  target: A,
  nulls: Int32Array,
  tally: ColumnTally,
): void {
  let { valueCount, nullCount, min, max } = tally;
  for (let i = from; i < to; i++) {
    if (valid !== undefined && valid[i] === 0) {
      nulls[nullCount++] = ordinal + i - from;
      continue;
    }
    const value = source[i]!;
    target[valueCount++] = value;
    if (value < min) min = value;
    if (value > max) max = value;
  }
  tally.valueCount = valueCount;
  tally.nullCount = nullCount;
  tally.min = min;
  tally.max = max;
}

/** The same for 64-bit integers and timestamps. */
export function scanInt64(
  source: BigInt64Array,
  valid: Uint8Array | undefined,
  from: number,
  to: number,
  ordinal: number,
  target: BigInt64Array,
  nulls: Int32Array,
  tally: ColumnTally,
): void {
  let { valueCount, nullCount, minInt64, maxInt64 } = tally;
  for (let i = from; i < to; i++) {
    if (valid !== undefined && valid[i] === 0) {
      nulls[nullCount++] = ordinal + i - from;
      continue;
    }
    const value = source[i]!;
    if (valueCount === 0) minInt64 = maxInt64 = value;
    else if (value < minInt64) minInt64 = value;
    else if (value > maxInt64) maxInt64 = value;
    target[valueCount++] = value;
  }
  tally.valueCount = valueCount;
  tally.nullCount = nullCount;
  tally.minInt64 = minInt64;
  tally.maxInt64 = maxInt64;
}
