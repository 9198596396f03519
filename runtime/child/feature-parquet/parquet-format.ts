/** The constants of the Parquet format (parquet.thrift) that the encoder uses. */

const PHYSICAL = { boolean: 0, int32: 1, int64: 2, float: 4, double: 5, byteArray: 6 } as const;
export const CONVERTED = { utf8: 0, date: 6, timestampMicros: 10 } as const;
export const REPETITION = { required: 0, optional: 1 } as const;
export const ENCODING = {
  plain: 0,
  rle: 3,
  deltaBinaryPacked: 5,
  rleDictionary: 8,
  byteStreamSplit: 9,
} as const;
export const CODEC = { uncompressed: 0, zstd: 6 } as const;
export const PAGE = { dictionary: 2, dataV2: 3 } as const;

/** The four bytes with which a file begins and ends. */
export const MAGIC = new TextEncoder().encode("PAR1");

export type ParquetType =
  "utf8" | "float64" | "float32" | "int32" | "int64" | "bool" | "date32" | "timestamp";

export const PHYSICAL_OF: Readonly<Record<ParquetType, number>> = {
  utf8: PHYSICAL.byteArray,
  float64: PHYSICAL.double,
  float32: PHYSICAL.float,
  int32: PHYSICAL.int32,
  int64: PHYSICAL.int64,
  bool: PHYSICAL.boolean,
  date32: PHYSICAL.int32,
  timestamp: PHYSICAL.int64,
};
