import type { ColumnType } from "../../../shared/contract/columns.ts";
import type { Workspace } from "./workspace.ts";

/**
 * The vocabulary of the feature Parquet writer: one table shape only, `symbol`, `ts`, then output columns.
 * Plain data and interfaces; the writer itself is in feature-parquet-writer.ts.
 */

/** Rows of one row group at most; a symbol that is longer is cut into several row groups. */
export const ROW_GROUP_ROWS_MAX = 122_880;

export type TsType = Extract<ColumnType, "date32" | "timestamp">;

/** Text outputs are not for this encoder. */
export type FeatureColumnType = Exclude<ColumnType, "utf8">;

export interface FeatureColumn {
  readonly name: string;
  readonly type: FeatureColumnType;
}

export type FeatureCodec =
  { readonly name: "uncompressed" } | { readonly name: "zstd"; readonly level: number };

/** A run of consecutive rows of one symbol. */
export interface FeatureUnit {
  readonly symbol: string;
  readonly rowCount: number;
  /**
   * Only when these rows continue a symbol whose earlier rows are in an earlier version: what that version's
   * writer returned for it, so that the row checksum goes on where it ended.
   */
  readonly previous?: { readonly rowCount: number; readonly checksums: Uint32Array };
}

/** `float64` Float64Array, `float32` Float32Array, `int32` and `date32` Int32Array, `int64` and `timestamp`
 * BigInt64Array, `bool` Uint8Array of 0 and 1. */
export type FeatureValues = Float64Array | Float32Array | Int32Array | BigInt64Array | Uint8Array;

/**
 * One column of a batch. Floats say null with NaN (±Infinity becomes null too and is counted). The others say
 * it with `valid`, one byte per row, 0 for null; without it every row holds a value.
 */
export interface FeatureColumnValues {
  readonly values: FeatureValues;
  readonly valid?: Uint8Array | undefined;
}

/** Whole symbols in the file's order. The arrays are only read, and may be reused after `write` returns. */
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
  /** Memory and compiled kernels, which writers that take turns share: making them anew costs a file's worth of time. */
  readonly workspace?: Workspace;
}

export interface FeatureColumnSummary {
  readonly name: string;
  readonly nullCount: number;
  /** How many of the nulls were +Infinity or -Infinity. */
  readonly infCount: number;
  /** Undefined when every row is null. 64-bit columns give bigint. */
  readonly min: number | bigint | undefined;
  readonly max: number | bigint | undefined;
}

export interface FeatureUnitSummary {
  readonly symbol: string;
  /** Rows of the symbol so far, those of `previous` included. */
  readonly rowCount: number;
}

export interface FeatureParquetSummary {
  readonly rowCount: number;
  readonly byteLength: number;
  /** Lower-case hex; undefined when it was switched off. */
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
  /** Encodes and writes the batch as one row group, or several when it exceeds ROW_GROUP_ROWS_MAX. */
  write(batch: FeatureBatch): void;
  /** A symbol as its rows leave it so far, for another file to go on from. */
  unitOf(symbol: string): FeatureUnit["previous"];
  /** Writes the footer. After it the file is complete and the writer is spent. */
  close(): FeatureParquetSummary;
  /** Gives up: closes and removes the partial file. Harmless after `close` or a second time. */
  abort(): void;
}
