import type { PartEvent } from "../../shared/protocol/engine.ts";
import type { ColumnPart, ColumnRequest, LoadedColumn } from "../../shared/protocol/row-set.ts";

/** The rows from `firstRow` to `endRow` of a row set. */
export interface RowRange {
  readonly firstRow: number;
  readonly endRow: number;
}

/** A column that is in the spool or being loaded into it. */
export interface ColumnState {
  readonly request: ColumnRequest;
  /** The load that fills it; null once the column is complete. */
  load: ColumnLoad | null;
  readonly parts: ColumnPart[];
  labels: readonly string[] | null;
  nullCount: number;
  byteLength: number;
  /** Number of handles that use it; a pinned column is never removed. */
  pinCount: number;
  /** When it was last requested, as a running number. */
  usedAt: number;
}

/** One load that fills one or more columns, shared by all callers that wait for any of them. */
export interface ColumnLoad {
  readonly abort: AbortController;
  /** Number of callers still waiting. A load is cancelled once aborts leave nobody waiting for it. */
  waiterCount: number;
  failure: { readonly error: unknown } | undefined;
  readonly listeners: Set<() => void>;
}

export function newColumn(request: ColumnRequest, load: ColumnLoad | null): ColumnState {
  const facts = { labels: null, nullCount: 0, byteLength: 0, pinCount: 0, usedAt: 0 };
  return { request, load, parts: [], ...facts };
}

export function newLoad(): ColumnLoad {
  return { abort: new AbortController(), waiterCount: 0, failure: undefined, listeners: new Set() };
}

export function addPart(column: ColumnState, { part, byteLength, nullCount, labels }: PartEvent): void {
  // Parts are filled concurrently and arrive in any order; they are kept in row order.
  const at = column.parts.findLastIndex(({ firstRow }) => firstRow < part.firstRow);
  column.parts.splice(at + 1, 0, part);
  column.byteLength += byteLength;
  column.nullCount += nullCount;
  column.labels = labels;
}

export function notify(load: ColumnLoad): void {
  for (const listener of Array.from(load.listeners)) listener();
}

/** The column with those of its parts that contain the requested rows. */
export function loadedColumn(
  { parts, labels }: ColumnState,
  request: ColumnRequest,
  rows: RowRange | undefined,
): LoadedColumn {
  const wanted =
    rows === undefined
      ? parts
      : parts.filter(
          ({ firstRow, rowCount }) => firstRow < rows.endRow && firstRow + rowCount > rows.firstRow,
        );
  return { request, parts: wanted, labels };
}

/** Whether the available parts contain all the requested rows. */
export function holdsRows({ load, parts }: ColumnState, rows: RowRange | undefined): boolean {
  if (load === null) return true;
  if (rows === undefined) return false;
  let reached = rows.firstRow;
  for (const { firstRow, rowCount } of parts) {
    if (firstRow <= reached && firstRow + rowCount > reached) reached = firstRow + rowCount;
  }
  return reached >= rows.endRow;
}

/** Resolves when all columns contain the rows; rejects when one of their loads fails or the caller aborts. */
export function whenHeld(
  columns: readonly ColumnState[],
  rows: RowRange | undefined,
  signal: AbortSignal | undefined,
): Promise<void> {
  const loads = new Set(columns.flatMap(({ load }) => (load === null ? [] : [load])));
  return new Promise((resolve, reject) => {
    const finish = (settle: () => void, aborted: boolean) => {
      signal?.removeEventListener("abort", onAbort);
      for (const load of loads) {
        load.listeners.delete(check);
        load.waiterCount--;
        if (aborted && load.waiterCount === 0) load.abort.abort(signal?.reason);
      }
      settle();
    };
    const onAbort = () => finish(() => reject(signal?.reason), true);
    function check(): void {
      const failed = [...loads].find((load) => load.failure !== undefined);
      if (failed !== undefined) finish(() => reject(failed.failure?.error), false);
      else if (columns.every((column) => holdsRows(column, rows))) finish(resolve, false);
    }
    for (const load of loads) {
      load.waiterCount++;
      load.listeners.add(check);
    }
    signal?.addEventListener("abort", onAbort, { once: true });
    if (signal?.aborted === true) onAbort();
    else check();
  });
}
