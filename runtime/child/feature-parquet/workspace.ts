import { ROW_GROUP_ROWS_MAX } from "./feature-parquet-types.ts";
import { createSimdKernels, type SimdKernels } from "./simd/simd-kernels.ts";

/**
 * The memory of one writer, reused for every column of every row group: the non-null values of one column, viewed as
 * the column's type; space to encode them; the ordinals of the null rows.
 */
export interface Workspace {
  readonly bytes: Uint8Array;
  readonly float64: Float64Array;
  readonly float32: Float32Array;
  readonly int32: Int32Array;
  readonly int64: BigInt64Array;
  /** Space for a page's bytes in a different order. */
  readonly scratch: Uint8Array;
  /** The address at which `simd` leaves bounds, and the same place viewed as floats of both widths. */
  readonly boundsAt: number;
  readonly bounds64: Float64Array;
  readonly bounds32: Float32Array;
  /** Its addresses count from the start of `bytes`; `scratch` begins at `scratchAt`. */
  readonly simd: SimdKernels;
  readonly scratchAt: number;
  /** Ordinals within their symbol, in row order. */
  readonly nulls: Int32Array;
  readonly tally: ColumnTally;
}

/** What a scan found in one column of one row group, over all its units. */
export interface ColumnTally {
  valueCount: number;
  nullCount: number;
  /** The number of nulls that were infinite. */
  infCount: number;
  /** For types that fit in a double; +Infinity and -Infinity while there is no value. */
  min: number;
  max: number;
  /** For 64-bit integers; meaningful once there is a value. */
  minInt64: bigint;
  maxInt64: bigint;
}

const VALUE_BYTES = ROW_GROUP_ROWS_MAX * 8;
/** Besides the values, space for the headers of a compressed frame and its raw blocks. */
const SCRATCH_BYTES = VALUE_BYTES + 64;
const BOUNDS_BYTES = 32;

export function createWorkspace(): Workspace {
  const boundsAt = VALUE_BYTES + SCRATCH_BYTES;
  const { memory, kernels } = createSimdKernels(boundsAt + BOUNDS_BYTES);
  return {
    bytes: new Uint8Array(memory, 0, VALUE_BYTES),
    float64: new Float64Array(memory, 0, ROW_GROUP_ROWS_MAX),
    float32: new Float32Array(memory, 0, ROW_GROUP_ROWS_MAX),
    int32: new Int32Array(memory, 0, 2 * ROW_GROUP_ROWS_MAX),
    int64: new BigInt64Array(memory, 0, ROW_GROUP_ROWS_MAX),
    scratch: new Uint8Array(memory, VALUE_BYTES, SCRATCH_BYTES),
    boundsAt,
    bounds64: new Float64Array(memory, boundsAt, BOUNDS_BYTES / 8),
    bounds32: new Float32Array(memory, boundsAt, BOUNDS_BYTES / 4),
    simd: kernels,
    scratchAt: VALUE_BYTES,
    nulls: new Int32Array(ROW_GROUP_ROWS_MAX),
    tally: emptyTally(),
  };
}

export function resetTally(tally: ColumnTally): void {
  Object.assign(tally, emptyTally());
}

function emptyTally(): ColumnTally {
  return {
    valueCount: 0,
    nullCount: 0,
    infCount: 0,
    min: Infinity,
    max: -Infinity,
    minInt64: 0n,
    maxInt64: 0n,
  };
}
