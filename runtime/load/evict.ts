import { columnId } from "./column-stem.ts";
import type { ColumnState } from "./column-state.ts";
import { byteLengthOf, type RowSetState } from "./row-set-state.ts";
import { removeColumn, removeRowSet } from "./spooled-row-sets.ts";

/** The number of scoped row sets kept, however small, because each takes up to three inodes. */
const SCOPED_ROW_SETS_MAX = 2_000;

/**
 * Removes the least recently used columns until the row sets are within the budget. Columns that are held by a handle
 * or being loaded stay, so columns in use can exceed the budget. Returns whether they do, or whether an empty row set
 * remains that is to be removed once nobody uses it.
 */
export function evict(states: Map<string, RowSetState>, budgetBytes: number): boolean {
  let total = 0;
  let scopedCount = 0;
  for (const state of states.values()) {
    total += byteLengthOf(state);
    if (state.key.symbols !== null) scopedCount++;
  }
  if (total > budgetBytes) total -= evictColumns(states, total - budgetBytes);
  let isEmptyInUse = false;
  for (const state of oldestFirst(states)) {
    const isScoped = state.key.symbols !== null;
    const isEmpty = [...state.columns.values()].every((column) => isMadeWithIndex(state, column));
    if (state.userCount > 0) {
      isEmptyInUse ||= isScoped && isEmpty;
      continue;
    }
    const isSurplus = isScoped && (isEmpty || scopedCount > SCOPED_ROW_SETS_MAX);
    if (!isSurplus && !(isEmpty && total > budgetBytes)) continue;
    if (isScoped) scopedCount--;
    total -= byteLengthOf(state);
    states.delete(state.id);
    removeRowSet(state);
  }
  return isEmptyInUse || total > budgetBytes || scopedCount > SCOPED_ROW_SETS_MAX;
}

/** Removes columns, oldest first, until `excess` bytes are gone; returns how many were removed. */
function evictColumns(states: ReadonlyMap<string, RowSetState>, excess: number): number {
  const candidates = [...states.values()]
    .flatMap((state) => [...state.columns.values()].map((column) => ({ state, column })))
    .filter(
      ({ state, column }) => column.pinCount === 0 && column.load === null && !isMadeWithIndex(state, column),
    )
    .sort((a, b) => a.column.usedAt - b.column.usedAt);
  let removed = 0;
  for (const { state, column } of candidates) {
    if (removed >= excess) break;
    removed += column.byteLength;
    state.columns.delete(columnId(column.request));
    removeColumn(state, column);
  }
  return removed;
}

/**
 * Row sets in time order have key columns that are created only together with their index, so both are removed
 * together.
 */
function isMadeWithIndex({ key }: RowSetState, { request }: ColumnState): boolean {
  return key.order === "time-symbol" && request.source.kind === "own" && MADE_WITH_INDEX.has(request.name);
}

const MADE_WITH_INDEX: ReadonlySet<string> = new Set(["ts", "symbol", "symbol-time-row"]);

function oldestFirst(states: ReadonlyMap<string, RowSetState>): RowSetState[] {
  return [...states.values()].sort((a, b) => a.usedAt - b.usedAt);
}
