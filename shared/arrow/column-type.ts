/**
 * The column types used throughout Quiver. `date32` counts days and `timestamp` microseconds since 1970-01-01 UTC. The
 * contract repeats these strings without importing them; keep the two identical.
 */
export const COLUMN_TYPES = [
  "float64",
  "float32",
  "int32",
  "int64",
  "bool",
  "utf8",
  "date32",
  "timestamp",
] as const;

export type ColumnType = (typeof COLUMN_TYPES)[number];

/** The types whose values are stored in one typed array: all except strings. */
export type FixedWidthType = Exclude<ColumnType, "utf8">;

/** The typed array that holds a column's values: `bool` as one byte per value, `utf8` as its offsets. */
export interface ColumnArrays {
  float64: Float64Array;
  float32: Float32Array;
  int32: Int32Array;
  int64: BigInt64Array;
  bool: Uint8Array;
  utf8: Int32Array;
  date32: Int32Array;
  timestamp: BigInt64Array;
}

export type ColumnArray = ColumnArrays[ColumnType];

/** Bytes per value in handlers and column files (`bool` is a byte there; in results it is a bit, as in Arrow). */
export const COLUMN_BYTE_WIDTH: Readonly<Record<FixedWidthType, 1 | 4 | 8>> = {
  float64: 8,
  float32: 4,
  int32: 4,
  int64: 8,
  bool: 1,
  date32: 4,
  timestamp: 8,
};

export function isColumnType(name: unknown): name is ColumnType {
  return typeof name === "string" && (COLUMN_TYPES as readonly string[]).includes(name);
}

const viewConstructors: {
  readonly [T in FixedWidthType]: (
    buffer: ArrayBufferLike,
    byteOffset: number,
    length: number,
  ) => ColumnArrays[T];
} = {
  float64: (buffer, byteOffset, length) => new Float64Array(buffer, byteOffset, length),
  float32: (buffer, byteOffset, length) => new Float32Array(buffer, byteOffset, length),
  int32: (buffer, byteOffset, length) => new Int32Array(buffer, byteOffset, length),
  int64: (buffer, byteOffset, length) => new BigInt64Array(buffer, byteOffset, length),
  bool: (buffer, byteOffset, length) => new Uint8Array(buffer, byteOffset, length),
  date32: (buffer, byteOffset, length) => new Int32Array(buffer, byteOffset, length),
  timestamp: (buffer, byteOffset, length) => new BigInt64Array(buffer, byteOffset, length),
};

/** A view of `length` values at `byteOffset`: never a copy. The offset must be a multiple of the byte width. */
export function columnView<T extends FixedWidthType>(
  type: T,
  buffer: ArrayBufferLike,
  byteOffset: number,
  length: number,
): ColumnArrays[T] {
  return viewConstructors[type](buffer, byteOffset, length);
}

/** A new zero-filled array of `length` values. */
export function allocateColumn<T extends FixedWidthType>(type: T, length: number): ColumnArrays[T] {
  return columnView(type, new ArrayBuffer(length * COLUMN_BYTE_WIDTH[type]), 0, length);
}
