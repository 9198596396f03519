import type { ErrorRecord } from "../errors/index.ts";
import type { ColumnRequest, LoadedColumn, RowSetIndex, RowSetKey } from "./row-set.ts";

/**
 * Requests to an engine process: one per connection of a local socket. The engine answers with frames; a
 * closed connection cancels the work.
 */
export type EngineRequest =
  | { readonly op: "ping" }
  /** Make the row set's index (units, dictionary) and its `ts` column. */
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

/** What a frame holds: `event` and `end` and `error` JSON, `bytes` a piece of the body. */
export type EngineFrameKind = "event" | "bytes" | "end" | "error";

export interface LoadStatistics {
  /** Bytes read from the dataset's files for this request, as the operating system counted them. */
  readonly bytesRead: number;
  readonly rowCount: number;
  readonly milliseconds: number;
}

export type LoadIndexEnd = { readonly index: RowSetIndex; readonly statistics: LoadStatistics };
export type LoadColumnsEnd = {
  readonly columns: readonly LoadedColumn[];
  readonly statistics: LoadStatistics;
};
export type EngineError = ErrorRecord;
