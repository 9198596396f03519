import type { ColumnType } from "../../../shared/contract/columns.ts";
import type { Workspace } from "./workspace.ts";

/**
 * The types of the feature Parquet writer, which supports one table shape only: `symbol`, `ts`, then output columns.
 * The writer itself is in feature-parquet-writer.ts.
 */

/** The maximum number of rows in a row group; a longer symbol is cut into several. */
export const ROW_GROUP_ROWS_MAX = 122_880;

export type TsType = Extract<ColumnType, "date32" | "timestamp">;

/** This encoder does not support text outputs. */
export type FeatureColumnType = Exclude<ColumnType, "utf8">;

export interface FeatureColumn {
  readonly name: string;
  readonly type: FeatureColumnType;
}

export type FeatureCodec =
  { readonly name: "uncompressed" } | { readonly name: "zstd"; readonly level: number };

/** Consecutive rows of one symbol. */
export interface FeatureUnit {
  readonly symbol: string;
  readonly rowCount: number;
  /**
   * Only if these rows continue a symbol from an earlier version: what that version's writer returned for it, so that
   * the row checksum continues where it ended.
   */
  readonly previous?: { readonly rowCount: number; readonly checksums: Uint32Array };
}

/** `float64` Float64Array, `float32` Float32Array, `int32` and `date32` Int32Array, `int64` and `timestamp`
 * BigInt64Array, `bool` Uint8Array of 0 and 1. */
export type FeatureValues = Float64Array | Float32Array | Int32Array | BigInt64Array | Uint8Array;

/**
 * One column of a batch. Null floats are NaN (±Infinity becomes null too and is counted). Other types have `valid`,
 * one byte per row, 0 for null; without it every row holds a value.
 */
export interface FeatureColumnValues {
  readonly values: FeatureValues;
  readonly valid?: Uint8Array | undefined;
}

/** Whole symbols in the file's order. The arrays are only read, and may be reused once `write` returns. */
export interface FeatureBatch {
  readonly units: readonly FeatureUnit[];
  readonly ts: Int32Array | BigInt64Array;
  readonly columns: readonly FeatureColumnValues[];
}

export interface FeatureParquetOptions {
  readonly path: string;
  readonly tsType: TsType;
  readonly columns: readonly FeatureColumn[];
  readonly codec: FeatureCodec;
  readonly keyValueMetadata?: Readonly<Record<string, string>>;
  /** Flush the file to the disk before `close` returns. Default true. */
  readonly fsync?: boolean;
  /** Hash the file's bytes as they are written. Default true. */
  readonly sha256?: boolean;
  /** Memory and compiled kernels, shared by writers that take turns: creating them takes as long as writing a file. */
  readonly workspace?: Workspace;
}

export interface FeatureColumnSummary {
  readonly name: string;
  readonly nullCount: number;
  /** The number of nulls that were +Infinity or -Infinity. */
  readonly infCount: number;
  /** Undefined if every row is null. 64-bit columns give bigint. */
  readonly min: number | bigint | undefined;
  readonly max: number | bigint | undefined;
}

export interface FeatureUnitSummary {
  readonly symbol: string;
  /** The symbol's rows so far, including those of `previous`. */
  readonly rowCount: number;
}

export interface FeatureParquetSummary {
  readonly rowCount: number;
  readonly byteLength: number;
  /** Lower-case hex; undefined if hashing was switched off. */
  readonly sha256: string | undefined;
  readonly columns: readonly FeatureColumnSummary[];
  /** Smallest and largest `ts` over all symbols; undefined for a file without rows. */
  readonly firstTs: number | bigint | undefined;
  readonly lastTs: number | bigint | undefined;
  /** One entry per symbol, in the file's order. */
  readonly units: readonly FeatureUnitSummary[];
  /** `checksumsPerUnit(columns.length)` words for each of `units`: see shared/row-checksum. */
  readonly checksums: Uint32Array;
}

export interface FeatureParquetWriter {
  /** Encodes and writes the batch as one row group, or as several if it exceeds ROW_GROUP_ROWS_MAX. */
  write(batch: FeatureBatch): void;
  /** A symbol's state after its rows so far, from which another file can continue. */
  unitOf(symbol: string): FeatureUnit["previous"];
  /** Writes the footer. The file is then complete and the writer cannot be used again. */
  close(): FeatureParquetSummary;
  /** Closes and removes the partial file. Harmless after `close` and when repeated. */
  abort(): void;
}
