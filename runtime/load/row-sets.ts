import { rmSync } from "node:fs";
import { join } from "node:path";
import { QuiverError } from "../../shared/errors/index.ts";
import type { LoadStatistics } from "../../shared/protocol/engine.ts";
import type { ColumnRequest, LoadedColumn, RowSetIndex, RowSetKey } from "../../shared/protocol/row-set.ts";
import type { EngineClient } from "../engine/engine-client.ts";
import type { DatasetCache } from "../store/dataset-cache.ts";
import { columnId } from "./column-stem.ts";
import { evict } from "./evict.ts";
import { openHandle } from "./row-set-handle.ts";
import { rowSetId } from "./row-set-key.ts";
import { byteLengthOf, type RowSetState } from "./row-set-state.ts";
import { createRowSet } from "./create-row-set.ts";
import { makePrivateRoot, removeColumn, removeRowSet, scanRowSets } from "./spooled-row-sets.ts";

export interface RowSetsSettings {
  readonly spoolDir: string;
  /** An engine of role `data`. */
  readonly engine: EngineClient;
  readonly datasets: DatasetCache;
  /**
   * The budget for row sets in the spool. Beyond it, the least recently used columns are removed, but never one in
   * use.
   */
  readonly budgetBytes: number;
  /**
   * False for a process without the data directory's lock: it neither adopts nor clears what is in the spool, keeps
   * its row sets in a separate folder, and removes that at the end. True when left out.
   */
  readonly ownsSpool?: boolean;
}

/** The parts of a row set that are not yet in the spool. */
export interface Missing {
  readonly index: boolean;
  readonly columns: readonly ColumnRequest[];
}

export interface LoadOptions {
  readonly signal?: AbortSignal;
  /** Resolve as soon as these rows are loaded, with the parts that contain them; the rest continues to load. */
  readonly rows?: { readonly firstRow: number; readonly endRow: number };
}

/** A row set in use: nothing it loaded is removed before `release`. */
export interface RowSetHandle {
  readonly key: RowSetKey;
  readonly index: RowSetIndex;
  /**
   * Returns the columns' files in the requested order. Loaded columns are returned at once and missing ones are
   * loaded; callers that need the same column at the same time share one load. A load is cancelled when all its
   * callers abort.
   */
  load(columns: readonly ColumnRequest[], options?: LoadOptions): Promise<readonly LoadedColumn[]>;
  /** The statistics of the loads that this handle started. */
  statistics(): LoadStatistics;
  release(): void;
}

/** The row sets in the spool: what is loaded, what is being loaded, and who is waiting. */
export interface RowSets {
  /** Opens a row set, loading its index if necessary. Rejects if the dataset no longer has that version. */
  open(key: RowSetKey, options?: { readonly signal?: AbortSignal }): Promise<RowSetHandle>;
  /** Like `open`, but synchronous; undefined if the index is not loaded. */
  tryOpen(key: RowSetKey): RowSetHandle | undefined;
  /** Whether everything is in the spool. Synchronous, for the planner. */
  has(key: RowSetKey, columns: readonly ColumnRequest[]): boolean;
  missing(key: RowSetKey, columns: readonly ColumnRequest[]): Missing;
  stats(): { readonly rowSetCount: number; readonly byteLength: number; readonly budgetBytes: number };
  /** Cancels every load. The caller remains responsible for closing the engine. */
  close(): Promise<void>;
}

/** State shared by the modules of this folder; one per `createRowSets`. */
export interface RowSetsContext {
  readonly settings: RowSetsSettings;
  readonly root: string;
  readonly closing: AbortController;
  open(key: RowSetKey, signal: AbortSignal | undefined): Promise<RowSetHandle>;
  /** The next running number, used to mark the last use. */
  tick(): number;
  /** Call after something was released: removes what was dropped, and what exceeds the budget. */
  settle(): void;
  /** Call after something was added: does the same. */
  settleGrown(): void;
}

/** Finds what an earlier process left in the spool and adopts it. */
export function createRowSets(settings: RowSetsSettings): RowSets {
  const { datasets, ownsSpool = true } = settings;
  const shared = join(settings.spoolDir, "row-sets");
  const states = new Map<string, RowSetState>();
  const opening = new Map<string, Promise<RowSetState>>();
  const dropped = new Set<RowSetState>();
  let ticks = 0;
  let mayExceed = true;

  const context: RowSetsContext = {
    settings,
    root: ownsSpool ? shared : makePrivateRoot(shared),
    closing: new AbortController(),
    open,
    tick: () => ++ticks,
    settle,
    settleGrown,
  };
  if (ownsSpool) for (const state of scanRowSets(shared, isCurrent)) states.set(state.id, state);
  settle();

  function isCurrent({ dataset, version }: RowSetKey): boolean {
    try {
      return datasets.get(dataset).record.fingerprint === version;
    } catch {
      // The dataset is gone or damaged, so its row sets are of no use either way.
      return false;
    }
  }

  function settle(): void {
    for (const state of dropped) {
      if (state.userCount > 0) continue;
      dropped.delete(state);
      removeRowSet(state);
    }
    // Called for every request: usage is only counted if it has grown, or exceeded the budget last time.
    if (mayExceed) mayExceed = evict(states, settings.budgetBytes);
  }

  function settleGrown(): void {
    mayExceed = true;
    settle();
  }

  function tryOpen(key: RowSetKey): RowSetHandle | undefined {
    const state = states.get(rowSetId(key));
    return state === undefined ? undefined : openHandle(state, context);
  }

  async function open(key: RowSetKey, signal: AbortSignal | undefined): Promise<RowSetHandle> {
    signal?.throwIfAborted();
    const id = rowSetId(key);
    return openHandle(states.get(id) ?? (await created(id, key, signal)), context);
  }

  /** Joined: concurrent callers for the same row set wait for one creation, which none of them can abort. */
  async function created(id: string, key: RowSetKey, signal: AbortSignal | undefined): Promise<RowSetState> {
    context.closing.signal.throwIfAborted();
    let creating = opening.get(id);
    if (creating === undefined) {
      creating = createRowSet(id, key, context)
        .then((state) => {
          states.set(id, state);
          mayExceed = true;
          // Held until all waiting callers have their own handles.
          state.userCount++;
          setTimeout(() => {
            state.userCount--;
            settle();
          }, 0);
          return state;
        })
        .finally(() => opening.delete(id));
      opening.set(id, creating);
      dropOtherVersions(key.dataset, datasets.get(key.dataset).record.fingerprint);
    }
    return signal === undefined ? creating : Promise.race([creating, rejectOnAbort(signal)]);
  }

  function missing(key: RowSetKey, columns: readonly ColumnRequest[]): Missing {
    const state = states.get(rowSetId(key));
    if (state === undefined) return { index: true, columns };
    return { index: false, columns: columns.filter((column) => !isThere(state, column)) };
  }

  /** Removes row sets and columns of a dataset's other versions as soon as nobody uses them. */
  function dropOtherVersions(dataset: string, version: string): void {
    for (const state of states.values()) {
      if (state.key.dataset === dataset && state.key.version !== version) {
        state.isDropped = true;
        states.delete(state.id);
        dropped.add(state);
        continue;
      }
      for (const [id, column] of state.columns) {
        const { source } = column.request;
        if (source.kind === "own" || source.dataset !== dataset || source.version === version) continue;
        if (column.pinCount > 0 || column.load !== null) continue;
        state.columns.delete(id);
        removeColumn(state, column);
      }
    }
    settle();
  }

  return {
    open: (key, options) => open(key, options?.signal),
    tryOpen,
    has(key, columns) {
      const state = states.get(rowSetId(key));
      return state !== undefined && columns.every((column) => isThere(state, column));
    },
    missing,
    stats() {
      let byteLength = 0;
      for (const state of states.values()) byteLength += byteLengthOf(state);
      return { rowSetCount: states.size, byteLength, budgetBytes: settings.budgetBytes };
    },
    async close() {
      context.closing.abort(new QuiverError("stopping", "Cannot load columns: Quiver is stopping."));
      await Promise.allSettled(opening.values());
      if (!ownsSpool) rmSync(context.root, { recursive: true, force: true });
    },
  };
}

function isThere({ columns }: RowSetState, column: ColumnRequest): boolean {
  const state = columns.get(columnId(column));
  return state !== undefined && state.load === null;
}

function rejectOnAbort(signal: AbortSignal): Promise<never> {
  return new Promise((_resolve, reject) => {
    const abort = () => reject(signal.reason);
    if (signal.aborted) abort();
    else signal.addEventListener("abort", abort, { once: true });
  });
}
