import type { ColumnType } from "../contract/columns.ts";

/** The order of a row set's rows: symbol by symbol in time order, or moment by moment over all symbols. */
export type RowOrder = "symbol-time" | "time-symbol";

/**
 * Identifies a row set: one dataset version as of one moment, in one order. `symbols` narrows it to a few symbols,
 * which are loaded separately if the whole row set is not there.
 */
export interface RowSetKey {
  readonly dataset: string;
  /** The dataset's fingerprint, which identifies its version. */
  readonly version: string;
  /** Latest admissible known time in microseconds; null for everything in the version. */
  readonly asOfMicros: number | null;
  readonly order: RowOrder;
  /** Sorted; null for all. */
  readonly symbols: readonly string[] | null;
  /** Only late rows of each symbol, as needed to append to a version. All rows when left out. */
  readonly recent?: RecentRows;
}

/** The rows from an event time on, and all rows of some symbols. */
export interface RecentRows {
  /** In the unit of `ts`, inclusive. */
  readonly since: number;
  /** Sorted. */
  readonly whole: readonly string[];
}

/**
 * The rows of each unit. Units are symbols (`symbol-time`) or event times (`time-symbol`); unit `i` has the rows
 * `firstRows[i]` to `firstRows[i + 1]`.
 */
export interface RowSetIndex {
  readonly order: RowOrder;
  readonly tsType: "date32" | "timestamp";
  readonly rowCount: number;
  /** Sorted by code point; the dictionary of every result computed from this row set. */
  readonly symbols: readonly string[];
  /** Has one element more than there are units. */
  readonly firstRows: readonly number[];
  /** Event time of each unit in days or microseconds (`time-symbol`), otherwise empty. */
  readonly unitTimes: readonly number[];
}

/** A range of rows of one column in one Arrow IPC file; files are cut between units. */
export interface ColumnPart {
  readonly path: string;
  /** In rows of the row set. */
  readonly firstRow: number;
  readonly rowCount: number;
  /** Where the range starts in the file; 0 when left out. */
  readonly fileRow?: number;
}

/**
 * The source of a column that is row-aligned with a row set:
 * - `own`: of the row set's dataset (`ts` and, in time order, `symbol` codes as int32 are always there;
 *   `symbol-time-row` in time order and `time-symbol-row` in symbol order, both int32, lead from one order to the
 *   other);
 * - `matched`: of another dataset, matched symbol by symbol (`broadcast` names the one symbol to use instead);
 * - `attributes`: of a dataset keyed by symbol alone.
 */
export type ColumnSource =
  | { readonly kind: "own" }
  | {
      readonly kind: "matched";
      readonly dataset: string;
      readonly version: string;
      readonly match: "exact" | "known" | "following";
      readonly broadcast: string | null;
      /** Rows of the other dataset that became known later are left out; null for everything in its version. */
      readonly asOfMicros: number | null;
    }
  | { readonly kind: "attributes"; readonly dataset: string; readonly version: string };

export interface ColumnRequest {
  readonly name: string;
  readonly type: ColumnType;
  readonly nullable: boolean;
  readonly source: ColumnSource;
}

/** A loaded column: its parts in row order. Text has `labels`, and its files hold int32 codes. */
export interface LoadedColumn {
  readonly request: ColumnRequest;
  readonly parts: readonly ColumnPart[];
  readonly labels: readonly string[] | null;
}
