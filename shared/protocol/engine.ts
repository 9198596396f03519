import type { ImportProgress, ImportReport, ImportRequest } from "./import.ts";
import type { ResultField, ResultFormat, ResultPart } from "./result.ts";
import type { ColumnPart, ColumnRequest, LoadedColumn, RowSetIndex, RowSetKey } from "./row-set.ts";
import type { TrainingPlan } from "./training-plan.ts";
import type { TrainingReport } from "./training.ts";

/**
 * A request to an engine process: one line of JSON per connection of a local socket. The engine answers with frames;
 * closing the connection cancels the work.
 */
export type EngineRequest =
  | { readonly op: "ping" }
  /**
   * Bring the rows of an overlapping or bitemporal dataset into order: the index, `ts`, and the order itself, kept in
   * the row set's directory for later columns. (An ordered dataset's index needs no engine.)
   */
  | { readonly op: "load-index"; readonly key: RowSetKey; readonly dir: string }
  /** Write files of the row set's own columns; a `part` event is sent as soon as a part can be mapped. */
  | {
      readonly op: "load-columns";
      readonly key: RowSetKey;
      readonly dir: string;
      readonly columns: readonly ColumnRequest[];
    }
  /** Write columns of another dataset, all from one source, matched to the rows of this one. */
  | {
      readonly op: "match-columns";
      readonly key: RowSetKey;
      readonly dir: string;
      readonly columns: readonly ColumnRequest[];
      readonly base: MatchBase;
    }
  /** Create a `time-symbol` row set from a `symbol-time` one: index, `ts`, `symbol` and `symbol-time-row`. */
  | {
      readonly op: "order-by-time";
      readonly key: RowSetKey;
      readonly dir: string;
      /** The index of the `symbol-time` row set. */
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
  /** Create `time-symbol-row`, the inverse of `symbol-time-row`, in the `symbol-time` row set. */
  | { readonly op: "invert-order"; readonly dir: string; readonly by: LoadedColumn }
  /** Create a separate row set from an uploaded Arrow stream or file: index, `ts` and the requested columns. */
  | {
      readonly op: "arrow-rows";
      readonly path: string;
      readonly dir: string;
      readonly columns: readonly Omit<ColumnRequest, "source">[];
    }
  | { readonly op: "import"; readonly request: ImportRequest }
  /** Run a read-only query and send its result. */
  | ({ readonly op: "sql"; readonly query: string; readonly timeoutMs: number } & BodyFormat)
  /** Send a result that lies in the spool, in another format. */
  | ({
      readonly op: "format";
      readonly schema: readonly ResultField[];
      /** The dictionary of `symbol`; empty if the result has no such column. */
      readonly symbols: readonly string[];
      readonly parts: readonly ResultPart[];
    } & BodyFormat)
  /** Join entity rows with the features known at their times, and send them in a format. */
  | ({ readonly op: "training-set"; readonly plan: TrainingPlan; readonly timeoutMs: number } & BodyFormat);

/** How the rows of a body are sent. */
interface BodyFormat {
  readonly format: ResultFormat;
  /** More rows than this end the request with `row-limit-exceeded`; null for no limit. */
  readonly rowLimit: number | null;
}

/** What matching needs from the row set itself; the index lies in its directory. */
export interface MatchBase {
  readonly ts: LoadedColumn;
  /** Only for a bitemporal dataset. */
  readonly knownAt: LoadedColumn | null;
}

export type EngineOp = EngineRequest["op"];

/**
 * The content of a frame: JSON for `event`, `end` and `error`, a piece of the body for `bytes`. `end` or `error` is
 * the last frame; a connection that ends without either was cut.
 */
export type EngineFrameKind = "event" | "bytes" | "end" | "error";

export interface LoadStatistics {
  /** Bytes read from files for this request, as counted by the operating system; 0 if it does not count them. */
  readonly bytesRead: number;
  readonly rowCount: number;
  readonly milliseconds: number;
}

/** One part of a column has been renamed into place and can be mapped. */
export interface PartEvent {
  readonly kind: "part";
  /** Position of the column in the request (for `load-index` and `order-by-time`: in the end's `columns`). */
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
  /** Already announced by `part` events; in the order of their `column` numbers. */
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

/** The first event of an answer with a body. */
export interface BodyHead {
  readonly format: ResultFormat;
  readonly mediaType: string;
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
  readonly import: ImportReport;
  readonly sql: null;
  readonly format: null;
  readonly "training-set": null;
}

/** The events each request sends while it runs. */
export interface EngineEvents {
  readonly ping: never;
  readonly "load-index": PartEvent;
  readonly "load-columns": PartEvent;
  readonly "match-columns": PartEvent;
  readonly "order-by-time": PartEvent;
  readonly "reorder-columns": PartEvent;
  readonly "invert-order": PartEvent;
  readonly "arrow-rows": never;
  readonly import: ImportProgress;
  readonly sql: BodyHead;
  readonly format: BodyHead;
  readonly "training-set": BodyHead & { readonly report: TrainingReport };
}
