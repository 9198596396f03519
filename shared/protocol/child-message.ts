import type { FunctionDescription, ResolvedColumn, Resolution } from "../contract/describe.ts";
import type { Clock } from "../contract/definition.ts";
import type { ColumnType } from "../contract/columns.ts";
import type { ColumnPart } from "./row-set.ts";

/** Load a function's module and state its facts. */
export interface DescribeMessage {
  readonly type: "describe";
  readonly module: string;
}

/** Parse parameters and evaluate what depends on them. */
export interface ResolveMessage {
  readonly type: "resolve";
  readonly module: string;
  readonly params: Readonly<Record<string, unknown>>;
  /** Values of the variables that the function declares and that are set. */
  readonly environment: Readonly<Record<string, string>>;
}

/** A column of an input: a view of mapped files, in row-set rows. */
export interface ColumnBinding {
  readonly input: string;
  readonly column: string;
  readonly type: ColumnType;
  readonly nullable: boolean;
  readonly parts: readonly ColumnPart[];
  readonly labels: readonly string[] | null;
}

/** Parallel arrays, one element a unit: plain numbers are the cheapest JSON there is. */
export interface UnitRanges {
  /** Index of the unit's symbol in `symbols`; -1 where the unit is not a symbol. */
  readonly symbol: readonly number[];
  /** First input row, in row-set rows. */
  readonly firstRow: readonly number[];
  readonly rowCount: readonly number[];
  /** Leading input rows that are there for the look-back and give no output. */
  readonly skip: readonly number[];
  /** Output rows after `skip`; the rest of the input, if any, gives no output either. */
  readonly outputRowCount: readonly number[];
  /** The symbol's bars before `firstRow`. */
  readonly ordinal: readonly number[];
}

/** Where and as what a partition's result is written; every path lies in the child's own output folder. */
export type Sink =
  /** Encapsulated Arrow record batches with `symbol` and `ts`, ready to be joined to one stream. */
  | { readonly kind: "arrow"; readonly file: string }
  /** One Arrow column file per output, without keys: input of another function. */
  | { readonly kind: "columns" }
  /** Feature Parquet. */
  | {
      readonly kind: "parquet";
      readonly file: string;
      readonly codec: "zstd" | "uncompressed";
      readonly level: number;
      /** File of unit facts (see `shared/row-checksum`) that symbols in it go on from: their rows follow those there. */
      readonly resume?: string;
      /** Symbols (as the result numbers them, ascending) at which a new file begins; one file when left out. */
      readonly cuts?: readonly number[];
      /**
       * Rows after this event time go to a file of their own, and what the facts of units say, the saved states
       * among it, is as of here; null or left out where all rows are settled.
       */
      readonly settledUntil?: number | null;
      /** Column files besides, as another function reads them. */
      readonly withColumns?: boolean;
    };

/** Parallel arrays: the rows of each symbol, in row-set rows, ascending. */
export interface SymbolRuns {
  readonly symbol: readonly number[];
  readonly firstRow: readonly number[];
  readonly rowCount: readonly number[];
}

/** Run a function over some units of a row set. */
export interface RunMessage {
  readonly type: "run";
  /** The author's bundled module, or null for the built-in that brings time-ordered results into symbol order. */
  readonly module: string | null;
  readonly shape: "feature" | "table";
  readonly partition: "symbol" | "date" | "whole";
  /** Parsed, in the forms of `toJsonParams`. */
  readonly params: Readonly<Record<string, unknown>>;
  readonly tsType: "date32" | "timestamp";
  readonly symbols: readonly string[];
  /** Event time of the rows. */
  readonly ts: readonly ColumnPart[];
  /** Symbol codes of the rows, where units are moments. */
  readonly symbolCodes: readonly ColumnPart[] | null;
  /** Rows of each symbol, where the one unit is everything. */
  readonly symbolRuns: SymbolRuns | null;
  readonly columns: readonly ColumnBinding[];
  readonly units: UnitRanges;
  readonly outputs: readonly ResolvedColumn[];
  readonly stateLength: number;
  readonly clock: Clock;
  /** Bounds of a keyed table's own `ts`: rows outside them are dropped after the handler gave them. */
  readonly outputWindow: { readonly from: number | null; readonly to: number | null };
  /**
   * Symbols that a table's rows are numbered by, where it names them itself; rows of others are dropped. Null for
   * `symbols`.
   */
  readonly resultSymbols: readonly string[] | null;
  /** Values of the variables that the function declares and that are set; author code sees no others. */
  readonly environment: Readonly<Record<string, string>>;
  /**
   * Folder to be made in the child's own for this result, where the process will be sent further messages (and must be
   * able to map their files); null where it is the only one.
   */
  readonly outFolder: string | null;
  /** How often at most it tells what share of its rows is done, from 0 to 1; not at all when left out. */
  readonly progressMs?: number;
  readonly sink: Sink;
}

export type ChildMessage = DescribeMessage | ResolveMessage | RunMessage;

export interface OutputColumnFacts {
  readonly name: string;
  readonly nullCount: number;
  /** ±Inf written by the handler, stored as null. */
  readonly infCount: number;
}

/** Rows and place of one record batch in an `arrow` sink's file. */
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
  /** Name of each file written, relative to the output folder, with its size. */
  readonly files: readonly {
    readonly file: string;
    readonly byteLength: number;
    readonly sha256: string | null;
  }[];
  readonly columns: readonly OutputColumnFacts[];
  readonly batches: readonly BatchFacts[];
  /** Column files that were asked for besides; absent where none were. */
  readonly besides?: Pick<RunReply, "files" | "columns">;
  /** First and last event time of the output, as days or microseconds; null when it has no rows. */
  readonly firstTs: number | null;
  readonly lastTs: number | null;
  /** File of unit facts, the words of row checksums among them (Parquet sink only): see `shared/row-checksum`. */
  readonly checksumFile: string | null;
  /**
   * Rows of each symbol that has any, as the result numbers symbols, ascending; null for a feature, whose rows are as
   * planned, and for a table without keys.
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
