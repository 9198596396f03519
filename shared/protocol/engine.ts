import type { ColumnPart, ColumnRequest, LoadedColumn, RowSetIndex, RowSetKey } from "./row-set.ts";
import type { TrainingHead } from "./training.ts";

/**
 * Requests to an engine process: one per connection of a local socket, one line of JSON. The engine answers
 * with frames; a closed connection cancels the work.
 */
export type EngineRequest =
  | { readonly op: "ping" }
  /**
   * Bring an overlapping or bitemporal dataset's rows into order: the index, `ts`, and the order itself, kept in
   * the row set's directory for the columns to come. (An ordered dataset's index needs no engine.)
   */
  | { readonly op: "load-index"; readonly key: RowSetKey; readonly dir: string }
  /** Fill files of the row set's own columns; a `part` event is sent as soon as a part can be mapped. */
  | {
      readonly op: "load-columns";
      readonly key: RowSetKey;
      readonly dir: string;
      readonly columns: readonly ColumnRequest[];
    }
  /** Fill columns of another dataset, all of one source, matched to the rows of this one. */
  | {
      readonly op: "match-columns";
      readonly key: RowSetKey;
      readonly dir: string;
      readonly columns: readonly ColumnRequest[];
      readonly base: MatchBase;
    }
  /** Make a `time-symbol` row set from a `symbol-time` one: index, `ts`, `symbol` and `symbol-time-row`. */
  | {
      readonly op: "order-by-time";
      readonly key: RowSetKey;
      readonly dir: string;
      /** Index of the `symbol-time` row set. */
      readonly base: RowSetIndex;
      readonly ts: LoadedColumn;
    }
  /** Bring columns of the `symbol-time` row set into time order; `by` is `symbol-time-row`. */
  | {
      readonly op: "reorder-columns";
      readonly dir: string;
      readonly columns: readonly LoadedColumn[];
      readonly by: LoadedColumn;
    }
  /** Make `time-symbol-row`, the inverse of `symbol-time-row`, in the `symbol-time` row set. */
  | { readonly op: "invert-order"; readonly dir: string; readonly by: LoadedColumn }
  /** Make a row set of its own from an uploaded Arrow stream or file: index, `ts` and the columns asked for. */
  | {
      readonly op: "arrow-rows";
      readonly path: string;
      readonly dir: string;
      readonly columns: readonly Omit<ColumnRequest, "source">[];
    }
  | { readonly op: "import"; readonly request: unknown }
  | { readonly op: "sql"; readonly query: string; readonly options: unknown }
  | { readonly op: "format"; readonly request: unknown }
  /** Join entity rows with the features known at each, and send them in a format. */
  | { readonly op: "training-set"; readonly request: unknown };

/** What matching needs of the row set itself; the index lies in its directory. */
export interface MatchBase {
  readonly ts: LoadedColumn;
  /** Of a bitemporal dataset. */
  readonly knownAt: LoadedColumn | null;
}

export type EngineOp = EngineRequest["op"];

/**
 * What a frame holds: `event` and `end` and `error` JSON, `bytes` a piece of the body. `end` or `error` is the
 * last frame; a connection that ends without either was cut.
 */
export type EngineFrameKind = "event" | "bytes" | "end" | "error";

export interface LoadStatistics {
  /** Bytes read from files for this request, as the operating system counted them; 0 where it does not. */
  readonly bytesRead: number;
  readonly rowCount: number;
  readonly milliseconds: number;
}

/** One part of a column has its name and can be mapped. */
export interface PartEvent {
  readonly kind: "part";
  /** Position of the column in the request (of `load-index`, `order-by-time`: in the end's `columns`). */
  readonly column: number;
  readonly part: ColumnPart;
  readonly byteLength: number;
  readonly nullCount: number;
  readonly labels: readonly string[] | null;
}

export interface PingEnd {
  readonly pid: number;
  readonly runtime: string;
  readonly duckdbVersion: string;
}
export interface LoadIndexEnd {
  readonly index: RowSetIndex;
  /** Told as `part` events before; in the order of their `column` numbers. */
  readonly columns: readonly LoadedColumn[];
  readonly statistics: LoadStatistics;
}
export interface LoadColumnsEnd {
  readonly columns: readonly LoadedColumn[];
  readonly statistics: LoadStatistics;
}

export interface ArrowRowsEnd {
  readonly index: RowSetIndex;
  /** `ts` first. */
  readonly columns: readonly LoadedColumn[];
  /** Hash of the body's bytes. */
  readonly fingerprint: string;
  readonly firstTs: number | null;
  readonly lastTs: number | null;
}

/** The last frame of each request. */
export interface EngineEnds {
  readonly ping: PingEnd;
  readonly "load-index": LoadIndexEnd;
  readonly "load-columns": LoadColumnsEnd;
  readonly "match-columns": LoadColumnsEnd;
  readonly "order-by-time": LoadIndexEnd;
  readonly "reorder-columns": LoadColumnsEnd;
  readonly "invert-order": LoadColumnsEnd;
  readonly "arrow-rows": ArrowRowsEnd;
  readonly import: unknown;
  readonly sql: unknown;
  readonly format: unknown;
  readonly "training-set": null;
}

/** What each request tells while it runs. */
export interface EngineEvents {
  readonly ping: never;
  readonly "load-index": PartEvent;
  readonly "load-columns": PartEvent;
  readonly "match-columns": PartEvent;
  readonly "order-by-time": PartEvent;
  readonly "reorder-columns": PartEvent;
  readonly "invert-order": PartEvent;
  readonly "arrow-rows": never;
  readonly import: unknown;
  readonly sql: unknown;
  readonly format: unknown;
  readonly "training-set": TrainingHead;
}
