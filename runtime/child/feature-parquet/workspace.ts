import { ROW_GROUP_ROWS_MAX } from "./feature-parquet-types.ts";

/**
 * Memory of one writer, reused for every column of every row group: the values of one column that are not null,
 * one after the other, seen as whatever type the column has; and the ordinals of its null rows.
 */
export interface Workspace {
  readonly bytes: Uint8Array;
  readonly float64: Float64Array;
  readonly float32: Float32Array;
  readonly int32: Int32Array;
  readonly int64: BigInt64Array;
  /** Ordinals within their symbol, in the order of the rows. */
  readonly nulls: Int32Array;
  readonly tally: ColumnTally;
}

/** What a scan finds in one column of one row group, over all its units. */
export interface ColumnTally {
  valueCount: number;
  nullCount: number;
  /** How many of the nulls were infinite. */
  infCount: number;
  /** Of the types a double can hold; +Infinity and -Infinity while there is no value. */
  min: number;
  max: number;
  /** Of 64-bit integers; meaningful once there is a value. */
  minInt64: bigint;
  maxInt64: bigint;
}

export function createWorkspace(): Workspace {
  const memory = new ArrayBuffer(ROW_GROUP_ROWS_MAX * 8);
  return {
    bytes: new Uint8Array(memory),
    float64: new Float64Array(memory),
    float32: new Float32Array(memory),
    int32: new Int32Array(memory),
    int64: new BigInt64Array(memory),
    nulls: new Int32Array(ROW_GROUP_ROWS_MAX),
    tally: {
      valueCount: 0,
      nullCount: 0,
      infCount: 0,
      min: Infinity,
      max: -Infinity,
      minInt64: 0n,
      maxInt64: 0n,
    },
  };
}

export function resetTally(tally: ColumnTally): void {
  tally.valueCount = 0;
  tally.nullCount = 0;
  tally.infCount = 0;
  tally.min = Infinity;
  tally.max = -Infinity;
  tally.minInt64 = 0n;
  tally.maxInt64 = 0n;
}
