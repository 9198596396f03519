import { BOUNDS_BYTES_PER_ROUND } from "./simd/simd-kernels.ts";
import type { ColumnTally, Workspace } from "./workspace.ts";

/**
 * One pass over rows `from` to `to` of a float column: finite values are appended to the workspace, NaN and ±Infinity
 * are recorded as nulls at `ordinal` and following, and the tally is updated.
 *
 * The nulls of a feature are mostly its warm-up, so the rows after it are copied in one go and checked with vectors.
 */
export function scanFloats(
  source: Float64Array | Float32Array,
  from: number,
  to: number,
  ordinal: number,
  workspace: Workspace,
): void {
  const { nulls, tally } = workspace;
  const target = source instanceof Float64Array ? workspace.float64 : workspace.float32;
  const start = skipNulls(source, from, to, ordinal, nulls, tally);
  const rounds = Math.floor(((to - start) * source.BYTES_PER_ELEMENT) / BOUNDS_BYTES_PER_ROUND);
  const end = start + (rounds * BOUNDS_BYTES_PER_ROUND) / source.BYTES_PER_ELEMENT;
  const isFinite = end > start && copyFinite(source, start, end, target, workspace);
  const rest = isFinite ? end : start;
  scanOneByOne(source, rest, to, ordinal + rest - from, target, nulls, tally);
}

/** Returns the first row that holds a value. */
function skipNulls(
  source: Float64Array | Float32Array,
  from: number,
  to: number,
  ordinal: number,
  nulls: Int32Array,
  tally: ColumnTally,
): number {
  let row = from;
  for (; row < to; row++) {
    const value = source[row]!;
    if (value - value === 0) break;
    if (value === value) tally.infCount++;
    nulls[tally.nullCount++] = ordinal + row - from;
  }
  return row;
}

/** Copies the rows and takes their bounds. Counts them only if all are finite, and returns whether they are. */
function copyFinite(
  source: Float64Array | Float32Array,
  from: number,
  to: number,
  target: Float64Array | Float32Array,
  { tally, simd, boundsAt, bounds64, bounds32 }: Workspace,
): boolean {
  target.set(source.subarray(from, to), tally.valueCount);
  const width = source.BYTES_PER_ELEMENT;
  const at = tally.valueCount * width;
  const end = at + (to - from) * width;
  const isDouble = width === 8;
  const bad = isDouble ? simd.boundsFloat64(at, end, boundsAt) : simd.boundsFloat32(at, end, boundsAt);
  if (bad !== 0) return false;
  const bounds = isDouble ? bounds64 : bounds32;
  const lanes = bounds.length / 2;
  for (let lane = 0; lane < lanes; lane++) {
    if (bounds[lane]! < tally.min) tally.min = bounds[lane]!;
    if (bounds[lanes + lane]! > tally.max) tally.max = bounds[lanes + lane]!;
  }
  tally.valueCount += to - from;
  return true;
}

/** Small and top-level on purpose: inside a larger function the same loop took six times as long. */
function scanOneByOne(
  source: Float64Array | Float32Array,
  from: number,
  to: number,
  ordinal: number,
  target: Float64Array | Float32Array,
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
