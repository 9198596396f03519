import type {
  EngineEvents,
  LoadColumnsEnd,
  LoadStatistics,
  PartEvent,
} from "../../shared/protocol/engine.ts";
import type { ColumnRequest } from "../../shared/protocol/row-set.ts";
import { errorCodeOf, QuiverError } from "../../shared/errors/index.ts";
import { columnId } from "./column-stem.ts";
import { addPart, newColumn, newLoad, notify, type ColumnLoad } from "./column-state.ts";
import { ownColumn } from "./create-row-set.ts";
import type { RowSetState } from "./row-set-state.ts";
import type { RowSetsContext } from "./row-sets.ts";
import { recordColumn, removeUnfinished } from "./spooled-row-sets.ts";

/**
 * Starts loading the columns that are neither loaded nor being loaded; afterwards the row set knows every requested
 * column. Nothing is awaited; failures are reported to the callers that wait.
 */
export function startLoads(
  state: RowSetState,
  requests: readonly ColumnRequest[],
  context: RowSetsContext,
  onStatistics: (statistics: LoadStatistics) => void,
): void {
  const missing = new Map<string, ColumnRequest[]>();
  const seen = new Set<string>();
  for (const request of requests) {
    const id = columnId(request);
    const known = state.columns.get(id);
    // A cancelled load that has not ended yet is of no use to a new caller.
    const isThere = known !== undefined && known.load?.abort.signal.aborted !== true;
    if (isThere || seen.has(id)) continue;
    seen.add(id);
    const group = groupOf(state, request);
    missing.set(group, [...(missing.get(group) ?? []), request]);
  }
  for (const columns of missing.values()) startLoad(state, columns, context, onStatistics);
}

/** Columns from one source are read together. */
function groupOf({ key }: RowSetState, request: ColumnRequest): string {
  if (isInverse(key.order, request)) return "inverse";
  if (key.order === "time-symbol") return "reordered";
  return JSON.stringify(request.source);
}

function startLoad(
  state: RowSetState,
  requests: readonly ColumnRequest[],
  context: RowSetsContext,
  onStatistics: (statistics: LoadStatistics) => void,
): void {
  const load = newLoad();
  const columns = requests.map((request) => {
    const column = newColumn(request, load);
    state.columns.set(columnId(request), column);
    return column;
  });
  const onEvent = (event: PartEvent) => {
    addPart(columns[event.column]!, event);
    notify(load);
  };
  state.userCount++;
  const signal = AbortSignal.any([load.abort.signal, context.closing.signal]);
  void fill(state, requests, context, signal, onEvent)
    .then(({ statistics }) => {
      onStatistics(statistics);
      for (const column of columns) {
        recordColumn(state, column);
        column.load = null;
      }
    })
    .catch((error: unknown) => fail(state, requests, load, explain(state, requests, context, error)))
    .finally(() => {
      state.userCount--;
      notify(load);
      context.settleGrown();
    });
}

/**
 * Forgets the columns, so that the next caller starts again. Their files are then replaced, or removed with the row
 * set.
 */
function fail(
  state: RowSetState,
  requests: readonly ColumnRequest[],
  load: ColumnLoad,
  error: unknown,
): void {
  load.failure = { error };
  for (const request of requests) {
    const id = columnId(request);
    if (state.columns.get(id)?.load === load) state.columns.delete(id);
  }
  if ([...state.columns.values()].every((column) => column.load === null)) removeUnfinished(state);
}

/** Explains a full disk, which the engine does not report as such. */
function explain(
  { key }: RowSetState,
  requests: readonly ColumnRequest[],
  { root }: RowSetsContext,
  error: unknown,
): unknown {
  if (errorCodeOf(error) !== "spool-full") return error;
  const names = requests.map(({ name }) => name).join(", ");
  return new QuiverError(
    "spool-full",
    `Cannot load ${names} of dataset ${JSON.stringify(key.dataset)}: the disk of the spool ${root} is full. Free some space, or lower --spool-bytes so that Quiver keeps less there.`,
    { dataset: key.dataset, columns: requests.map(({ name }) => name), spool: root },
    error,
  );
}

interface Filling {
  readonly signal: AbortSignal;
  readonly onEvent: (event: EngineEvents["load-columns"]) => void;
}

/** Fills columns: from the dataset, from another one, or from the row set of the other order. */
async function fill(
  state: RowSetState,
  requests: readonly ColumnRequest[],
  context: RowSetsContext,
  signal: AbortSignal,
  onEvent: Filling["onEvent"],
): Promise<LoadColumnsEnd> {
  const { key } = state;
  if (isInverse(key.order, requests[0]!)) return fillInverse(state, context, { signal, onEvent });
  if (key.order === "time-symbol") return fillReordered(state, requests, context, { signal, onEvent });
  if (requests[0]!.source.kind === "own") {
    const request = { op: "load-columns", key, dir: state.dir, columns: requests } as const;
    return context.settings.engine.request(request, { signal, onEvent });
  }
  return fillMatched(state, requests, context, { signal, onEvent });
}

async function fillReordered(
  state: RowSetState,
  requests: readonly ColumnRequest[],
  context: RowSetsContext,
  filling: Filling,
): Promise<LoadColumnsEnd> {
  const { engine } = context.settings;
  const base = await context.open({ ...state.key, order: "symbol-time" }, filling.signal);
  try {
    const columns = await base.load(
      requests.map((request) => ({ ...request, nullable: true })),
      { signal: filling.signal },
    );
    const [by] = await loadOwn(state, context, [ownColumn("symbol-time-row", "int32")], filling.signal);
    return await engine.request({ op: "reorder-columns", dir: state.dir, columns, by: by! }, filling);
  } finally {
    base.release();
  }
}

async function fillInverse(
  state: RowSetState,
  context: RowSetsContext,
  filling: Filling,
): Promise<LoadColumnsEnd> {
  const inTime = await context.open({ ...state.key, order: "time-symbol" }, filling.signal);
  try {
    const [by] = await inTime.load([ownColumn("symbol-time-row", "int32")], { signal: filling.signal });
    const request = { op: "invert-order", dir: state.dir, by: by! } as const;
    return await context.settings.engine.request(request, filling);
  } finally {
    inTime.release();
  }
}

async function fillMatched(
  state: RowSetState,
  requests: readonly ColumnRequest[],
  context: RowSetsContext,
  filling: Filling,
): Promise<LoadColumnsEnd> {
  const { key, dir, index } = state;
  const { engine, datasets } = context.settings;
  const hasKnownTime = datasets.get(key.dataset).record.knownTime !== null;
  const own = [ownColumn("ts", index.tsType), ...(hasKnownTime ? [ownColumn("known_at", "timestamp")] : [])];
  const [ts, knownAt] = await loadOwn(state, context, own, filling.signal);
  return engine.request(
    { op: "match-columns", key, dir, columns: requests, base: { ts: ts!, knownAt: knownAt ?? null } },
    filling,
  );
}

/** Loads columns of the row set itself from which other columns are made. */
async function loadOwn(
  { key }: RowSetState,
  context: RowSetsContext,
  columns: readonly ColumnRequest[],
  signal: AbortSignal,
) {
  const handle = await context.open(key, signal);
  try {
    return await handle.load(columns, { signal });
  } finally {
    handle.release();
  }
}

function isInverse(order: RowSetState["key"]["order"], { name, source }: ColumnRequest): boolean {
  return order === "symbol-time" && source.kind === "own" && name === "time-symbol-row";
}
