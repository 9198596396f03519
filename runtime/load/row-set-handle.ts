import { QuiverError } from "../../shared/errors/index.ts";
import type { LoadStatistics } from "../../shared/protocol/engine.ts";
import type { ColumnRequest } from "../../shared/protocol/row-set.ts";
import { columnId } from "./column-stem.ts";
import { holdsRows, loadedColumn, whenHeld, type ColumnState } from "./column-state.ts";
import type { RowSetState } from "./row-set-state.ts";
import type { RowSetHandle, RowSetsContext } from "./row-sets.ts";
import { startLoads } from "./start-loads.ts";

/** Opens a handle on a row set; as long as it has users, it is not removed. */
export function openHandle(state: RowSetState, context: RowSetsContext): RowSetHandle {
  const pinned = new Set<ColumnState>();
  const loaded: { bytesRead: number; rowCount: number; milliseconds: number } = {
    bytesRead: 0,
    rowCount: 0,
    milliseconds: 0,
  };
  let isReleased = false;
  state.userCount++;
  state.usedAt = context.tick();

  function addStatistics({ bytesRead, rowCount, milliseconds }: LoadStatistics): void {
    loaded.bytesRead += bytesRead;
    loaded.rowCount += rowCount;
    loaded.milliseconds += milliseconds;
  }

  function pin(column: ColumnState): void {
    column.usedAt = context.tick();
    if (pinned.has(column)) return;
    pinned.add(column);
    column.pinCount++;
  }

  return {
    key: state.key,
    index: state.index,
    async load(requests, { signal, rows } = {}) {
      if (isReleased) throw new Error("Cannot load columns of a row set that was released");
      signal?.throwIfAborted();
      startLoads(state, requests, context, addStatistics);
      const columns = requests.map((request) => state.columns.get(columnId(request))!);
      columns.forEach(pin);
      const wanted = requests.some(mayHaveNulls) ? undefined : rows;
      if (!columns.every((column) => holdsRows(column, wanted))) await whenHeld(columns, wanted, signal);
      return columns.map((column, i) => {
        refuseNulls(state, requests[i]!, column);
        return loadedColumn(column, requests[i]!, rows);
      });
    },
    statistics: () => ({ ...loaded }),
    release() {
      if (isReleased) return;
      isReleased = true;
      state.userCount--;
      for (const column of pinned) column.pinCount--;
      context.settle();
    },
  };
}

/** Disallowed nulls are only known once the whole column is loaded. */
function mayHaveNulls({ type, nullable, source, name }: ColumnRequest): boolean {
  return !nullable && !saysNullItself(type) && !(source.kind === "own" && KEYS.has(name));
}

/** The row set's own columns that never have nulls. */
const KEYS: ReadonlySet<string> = new Set(["ts", "symbol", "known_at", "symbol-time-row", "time-symbol-row"]);

/** Null floats are NaN and null text has the code -1, so neither must be declared nullable. */
function saysNullItself(type: ColumnRequest["type"]): boolean {
  return type === "float64" || type === "float32" || type === "utf8";
}

function refuseNulls(
  { key }: RowSetState,
  { name, type, nullable, source }: ColumnRequest,
  column: ColumnState,
) {
  if (nullable || saysNullItself(type) || column.nullCount === 0) return;
  const dataset = source.kind === "own" ? key.dataset : source.dataset;
  const reason = source.kind === "own" ? "are null" : "have no match, or match a null";
  throw new QuiverError(
    "column-has-nulls",
    `Cannot read column ${JSON.stringify(name)} of dataset ${JSON.stringify(dataset)} as ${type} without nulls: ${column.nullCount} of the rows ${reason}. Declare it with orNull(), or ask for a float64.`,
    { dataset, column: name, type, nullCount: column.nullCount },
  );
}
