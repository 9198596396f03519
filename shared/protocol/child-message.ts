import type { FunctionDescription, ResolvedColumn, Resolution } from "../contract/describe.ts";
import type { Clock } from "../contract/definition.ts";
import type { ColumnType } from "../contract/columns.ts";
import type { ColumnPart } from "./row-set.ts";

/** Asks a child to load a function's module and describe it. */
export interface DescribeMessage {
  readonly type: "describe";
  readonly module: string;
}

/** Asks a child to parse parameters and evaluate everything that depends on them. */
export interface ResolveMessage {
  readonly type: "resolve";
  readonly module: string;
  readonly params: Readonly<Record<string, unknown>>;
  /** The declared environment variables that are set. */
  readonly environment: Readonly<Record<string, string>>;
}

/** A column of an input, as a view of mapped files, in rows of the row set. */
export interface ColumnBinding {
  readonly input: string;
  readonly column: string;
  readonly type: ColumnType;
  readonly nullable: boolean;
  readonly parts: readonly ColumnPart[];
  readonly labels: readonly string[] | null;
}

/** Units as parallel arrays with one element per unit, because plain numbers are the most compact JSON. */
export interface UnitRanges {
  /** Index of the unit's symbol in `symbols`; -1 where the unit is not a symbol. */
  readonly symbol: readonly number[];
  /** First input row, in rows of the row set. */
  readonly firstRow: readonly number[];
  readonly rowCount: readonly number[];
  /** Number of leading input rows that serve the look-back and produce no output. */
  readonly skip: readonly number[];
  /** Number of output rows after `skip`; any remaining input produces no output either. */
  readonly outputRowCount: readonly number[];
  /** Number of bars the symbol has before `firstRow`. */
  readonly ordinal: readonly number[];
}

/** The form and place of a partition's result. Every path lies in the child's own output folder. */
export type Sink =
  /** Encapsulated Arrow record batches with `symbol` and `ts`, ready to be joined into one stream. */
  | { readonly kind: "arrow"; readonly file: string }
  /** One Arrow column file per output, without keys, as the input of another function. */
  | { readonly kind: "columns" }
  /** Feature Parquet. */
  | {
      readonly kind: "parquet";
      readonly file: string;
      readonly codec: "zstd" | "uncompressed";
      readonly level: number;
      /**
       * File of unit facts (see `shared/row-checksum`) from which symbols resume: their rows follow the rows described
       * there.
       */
      readonly resume?: string;
      /** Symbols (as the result numbers them, ascending) at which a new file begins; a single file when left out. */
      readonly cuts?: readonly number[];
      /**
       * Rows after this event time go to a separate file, and the facts of units, including saved states, are as of
       * this time. Null or left out if all rows are settled.
       */
      readonly settledUntil?: number | null;
      /** Also write column files, as another function reads them. */
      readonly withColumns?: boolean;
    };

/** The rows of each symbol as parallel arrays, in rows of the row set, ascending. */
export interface SymbolRuns {
  readonly symbol: readonly number[];
  readonly firstRow: readonly number[];
  readonly rowCount: readonly number[];
}

/** Asks a child to run a function over some units of a row set. */
export interface RunMessage {
  readonly type: "run";
  /**
   * The author's bundled module; null for the built-in function that brings time-ordered results into symbol order.
   */
  readonly module: string | null;
  readonly shape: "feature" | "table";
  readonly partition: "symbol" | "date" | "whole";
  /** Parsed parameters, in the form of `toJsonParams`. */
  readonly params: Readonly<Record<string, unknown>>;
  readonly tsType: "date32" | "timestamp";
  readonly symbols: readonly string[];
  /** Event time of the rows. */
  readonly ts: readonly ColumnPart[];
  /** Symbol codes of the rows; only if units are moments. */
  readonly symbolCodes: readonly ColumnPart[] | null;
  /** Rows of each symbol; only if the whole selection is one unit. */
  readonly symbolRuns: SymbolRuns | null;
  readonly columns: readonly ColumnBinding[];
  readonly units: UnitRanges;
  readonly outputs: readonly ResolvedColumn[];
  readonly stateLength: number;
  readonly clock: Clock;
  /** Bounds for a keyed table's own `ts`: rows outside them are dropped after the handler returned them. */
  readonly outputWindow: { readonly from: number | null; readonly to: number | null };
  /**
   * The symbols by which a table's rows are numbered if it outputs symbols itself; rows of other symbols are dropped.
   * Null means `symbols`.
   */
  readonly resultSymbols: readonly string[] | null;
  /** The declared environment variables that are set; author code sees no others. */
  readonly environment: Readonly<Record<string, string>>;
  /**
   * Folder to create in the child's own folder for this result, if the process will receive further messages (and must
   * be able to map their files); null if this is its only message.
   */
  readonly outFolder: string | null;
  /** Minimum time between reports of the share of rows done, from 0 to 1; no reports when left out. */
  readonly progressMs?: number;
  readonly sink: Sink;
}

export type ChildMessage = DescribeMessage | ResolveMessage | RunMessage;

export interface OutputColumnFacts {
  readonly name: string;
  readonly nullCount: number;
  /** Number of ±Inf values written by the handler and stored as null. */
  readonly infCount: number;
}

/** The rows and the position of one record batch in an `arrow` sink's file. */
export interface BatchFacts {
  readonly rowCount: number;
  readonly byteOffset: number;
  readonly metadataLength: number;
  readonly bodyLength: number;
}

export interface RunReply {
  /** The child's own output folder, absolute. */
  readonly outDir: string;
  readonly rowCount: number;
  /** The name (relative to the output folder) and size of each file written. */
  readonly files: readonly {
    readonly file: string;
    readonly byteLength: number;
    readonly sha256: string | null;
  }[];
  readonly columns: readonly OutputColumnFacts[];
  readonly batches: readonly BatchFacts[];
  /** The additional column files, if they were requested. */
  readonly besides?: Pick<RunReply, "files" | "columns">;
  /** First and last event time of the output, in days or microseconds; null without rows. */
  readonly firstTs: number | null;
  readonly lastTs: number | null;
  /** File of unit facts, including row checksums (Parquet sink only): see `shared/row-checksum`. */
  readonly checksumFile: string | null;
  /**
   * The number of rows of each symbol that has any, ascending as the result numbers symbols. Null for a feature, whose
   * rows are as planned, and for a table without keys.
   */
  readonly symbolRows: {
    readonly symbols: readonly number[];
    readonly rowCounts: readonly number[];
  } | null;
  readonly warnings: readonly { readonly message: string; readonly count: number }[];
  readonly timings: {
    readonly mapMs: number;
    readonly importMs: number;
    readonly handlerMs: number;
    readonly sinkMs: number;
  };
}

export type DescribeReply = FunctionDescription;
export type ResolveReply = Resolution;
