import type { ErrorRecord } from "../errors/index.ts";
import type { ColumnPart, ColumnRequest, LoadedColumn, RowSetIndex, RowSetKey } from "./row-set.ts";

/**
 * Requests to an engine process: one per connection of a local socket, one line of JSON. The engine answers
 * with frames; a closed connection cancels the work.
 */
export type EngineRequest =
  | { readonly op: "ping" }
  /** Make the row set's index: units and dictionary. */
  | { readonly op: "load-index"; readonly key: RowSetKey; readonly dir: string }
  /** Fill column files of a row set; a `part` event is sent as soon as a part can be mapped. */
  | {
      readonly op: "load-columns";
      readonly key: RowSetKey;
      readonly dir: string;
      readonly columns: readonly ColumnRequest[];
    }
  | { readonly op: "import"; readonly request: unknown }
  | { readonly op: "sql"; readonly query: string; readonly options: unknown }
  | { readonly op: "format"; readonly request: unknown };

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
  /** Position of the column in the request. */
  readonly column: number;
  readonly part: ColumnPart;
  readonly byteLength: number;
  readonly labels: readonly string[] | null;
}

export interface PingEnd {
  readonly pid: number;
  readonly runtime: string;
  readonly duckdbVersion: string;
}
export interface LoadIndexEnd {
  readonly index: RowSetIndex;
  readonly statistics: LoadStatistics;
}
export interface LoadColumnsEnd {
  readonly columns: readonly LoadedColumn[];
  readonly statistics: LoadStatistics;
}

/** The last frame of each request. */
export interface EngineEnds {
  readonly ping: PingEnd;
  readonly "load-index": LoadIndexEnd;
  readonly "load-columns": LoadColumnsEnd;
  readonly import: unknown;
  readonly sql: unknown;
  readonly format: unknown;
}

/** What each request tells while it runs. */
export interface EngineEvents {
  readonly ping: never;
  readonly "load-index": never;
  readonly "load-columns": PartEvent;
  readonly import: unknown;
  readonly sql: unknown;
  readonly format: unknown;
}

export type EngineError = ErrorRecord;
