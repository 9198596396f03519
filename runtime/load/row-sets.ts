import type { LoadStatistics } from "../../shared/protocol/engine.ts";
import type { ColumnRequest, LoadedColumn, RowSetIndex, RowSetKey } from "../../shared/protocol/row-set.ts";
import type { EngineClient } from "../engine/engine-client.ts";

export interface RowSetsSettings {
  readonly spoolDir: string;
  /** Of role `data`. */
  readonly engine: EngineClient;
  /** Least recently used columns go when the row sets in the spool are larger; never one in use. */
  readonly budgetBytes: number;
  readonly clock?: () => number;
}

/** What the spool does not hold yet of a row set. */
export interface Missing {
  readonly index: boolean;
  readonly columns: readonly ColumnRequest[];
}

export interface LoadOptions {
  readonly signal?: AbortSignal;
  /** Resolve as soon as these rows are there, with the parts that hold them; the rest goes on loading. */
  readonly rows?: { readonly firstRow: number; readonly endRow: number };
}

/** A row set in use: nothing it loaded goes away before `release`. */
export interface RowSetHandle {
  readonly key: RowSetKey;
  readonly index: RowSetIndex;
  /**
   * The columns' files, in the order asked for. What is there is given at once; what is missing is loaded, and
   * callers that want the same column at the same time share one load. A load ends when all its callers abort.
   */
  load(columns: readonly ColumnRequest[], options?: LoadOptions): Promise<readonly LoadedColumn[]>;
  /** Bytes the engine read for loads that this handle started. */
  statistics(): LoadStatistics;
  release(): void;
}

/** The row sets in the spool: what is there, what is being loaded, and who waits. */
export interface RowSets {
  /** Loads the index when it is not there. Rejects when the dataset no longer has that version. */
  open(key: RowSetKey, options?: { readonly signal?: AbortSignal }): Promise<RowSetHandle>;
  /** The same, at once and without waiting, when the index is there; else undefined. */
  tryOpen(key: RowSetKey): RowSetHandle | undefined;
  /** The index, when it is in the spool: synchronous, for the planner. */
  peek(key: RowSetKey): RowSetIndex | undefined;
  /** Whether everything is in the spool: synchronous, for the planner. */
  has(key: RowSetKey, columns: readonly ColumnRequest[]): boolean;
  missing(key: RowSetKey, columns: readonly ColumnRequest[]): Missing;
  /** Forgets and removes row sets of a dataset's versions other than this one, as soon as nobody uses them. */
  dropOtherVersions(dataset: string, version: string | null): void;
  stats(): { readonly rowSetCount: number; readonly byteLength: number; readonly budgetBytes: number };
  close(): Promise<void>;
}

export declare function createRowSets(settings: RowSetsSettings): Promise<RowSets>;
