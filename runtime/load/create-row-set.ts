import { QuiverError } from "../../shared/errors/index.ts";
import type { PartEvent } from "../../shared/protocol/engine.ts";
import type { ColumnRequest, LoadedColumn, RowSetIndex, RowSetKey } from "../../shared/protocol/row-set.ts";
import { columnId } from "./column-stem.ts";
import { addPart, newColumn, type ColumnState } from "./column-state.ts";
import { orderedIndex } from "./ordered-index.ts";
import type { RowSetState } from "./row-set-state.ts";
import type { DatasetRecord } from "../store/dataset.ts";
import type { RowSetsContext } from "./row-sets.ts";
import { baseBytesOf, makeRowSetDir, recordColumn, recordRowSet } from "./spooled-row-sets.ts";

/** Creates a row set's index and the columns that come with it, and records both. */
export async function createRowSet(
  id: string,
  key: RowSetKey,
  context: RowSetsContext,
): Promise<RowSetState> {
  const { datasets } = context.settings;
  const dataset = datasets.get(key.dataset);
  const { record } = dataset;
  if (record.fingerprint !== key.version) throw gone(key, record.fingerprint);
  const dir = makeRowSetDir(context.root, key);
  const made =
    key.order === "time-symbol"
      ? await orderByTime(key, dir, context)
      : isOrderedWhole(record, key)
        ? { index: orderedIndex(record, dataset.index(), key.symbols), columns: [] }
        : await loadIndex(key, dir, context);
  recordRowSet(dir, key, made.index);
  const state: RowSetState = {
    id,
    key,
    dir,
    index: made.index,
    columns: new Map(made.columns.map((column) => [columnId(column.request), column])),
    baseBytes: baseBytesOf(dir),
    userCount: 0,
    usedAt: context.tick(),
    isDropped: false,
  };
  for (const column of made.columns) recordColumn(state, column);
  return state;
}

/** Whether the dataset's own index already locates every row of the row set. */
function isOrderedWhole(record: DatasetRecord, { asOfMicros, recent }: RowSetKey): boolean {
  return (
    record.layout === "ordered" && record.knownTime === null && asOfMicros === null && recent === undefined
  );
}

interface Made {
  readonly index: RowSetIndex;
  readonly columns: readonly ColumnState[];
}

async function loadIndex(key: RowSetKey, dir: string, context: RowSetsContext): Promise<Made> {
  const events: PartEvent[] = [];
  const { engine } = context.settings;
  const { index, columns } = await engine.request(
    { op: "load-index", key, dir },
    { signal: context.closing.signal, onEvent: (event) => void events.push(event) },
  );
  return { index, columns: columnsOf(columns, events) };
}

async function orderByTime(key: RowSetKey, dir: string, context: RowSetsContext): Promise<Made> {
  const { signal } = context.closing;
  const base = await context.open({ ...key, order: "symbol-time" }, signal);
  try {
    const [ts] = await base.load([ownColumn("ts", base.index.tsType)], { signal });
    const events: PartEvent[] = [];
    const { index, columns } = await context.settings.engine.request(
      { op: "order-by-time", key, dir, base: base.index, ts: ts! },
      { signal, onEvent: (event) => void events.push(event) },
    );
    return { index, columns: columnsOf(columns, events) };
  } finally {
    base.release();
  }
}

export function ownColumn(name: string, type: ColumnRequest["type"]): ColumnRequest {
  return { name, type, nullable: false, source: { kind: "own" } };
}

function columnsOf(columns: readonly LoadedColumn[], events: readonly PartEvent[]): ColumnState[] {
  return columns.map(({ request }, number) => {
    const column = newColumn(request, null);
    for (const event of events) if (event.column === number) addPart(column, event);
    return column;
  });
}

function gone({ dataset, version }: RowSetKey, now: string): QuiverError {
  return new QuiverError(
    "dataset-version-gone",
    `Cannot open version ${version} of dataset ${JSON.stringify(dataset)}: it is now at ${now}. Ask again; the new version is used then.`,
    { dataset, version, now },
  );
}
