import { defined } from "../../shared/defined.ts";
import { QuiverError } from "../../shared/errors/index.ts";
import type { ColumnRequest, LoadedColumn, RowSetIndex, RowSetKey } from "../../shared/protocol/row-set.ts";
import type { Missing, RowSetHandle, RowSets } from "../load/row-sets.ts";
import type { CachedDataset } from "../store/dataset-cache.ts";
import type { DatasetRecord } from "../store/dataset.ts";

/** Where an invocation's rows come from: a dataset's row sets, or rows that are in the spool already. */
export interface RowSource {
  readonly record: DatasetRecord;
  /** Sorted. */
  symbols(): readonly string[];
  has(key: RowSetKey, columns: readonly ColumnRequest[]): boolean;
  open(key: RowSetKey, signal: AbortSignal | undefined): Promise<RowSetHandle> | RowSetHandle;
  missing(key: RowSetKey, columns: readonly ColumnRequest[]): Missing;
}

export function datasetRows(dataset: CachedDataset, rowSets: RowSets): RowSource {
  return {
    record: dataset.record,
    symbols: () => dataset.index().symbols,
    has: (key, columns) => rowSets.has(key, columns),
    open: (key, signal) => rowSets.tryOpen(key) ?? rowSets.open(key, defined({ signal })),
    missing: (key, columns) => rowSets.missing(key, columns),
  };
}

/** Rows in symbol-time order with existing column files: a table function's result or a caller's body. */
export interface GivenRows {
  readonly record: DatasetRecord;
  readonly index: RowSetIndex;
  readonly columns: readonly LoadedColumn[];
}

export function givenRows({ record, index, columns }: GivenRows): RowSource {
  return {
    record,
    symbols: () => index.symbols,
    has: () => true,
    open: (key) => openGiven(key, index, columns),
    missing: () => ({ index: false, columns: [] }),
  };
}

/** A handle that loads nothing, because all its columns exist already. */
function openGiven(key: RowSetKey, index: RowSetIndex, columns: readonly LoadedColumn[]): RowSetHandle {
  if (key.order !== "symbol-time") {
    throw new QuiverError(
      "not-implemented",
      `Cannot run a function over dates on ${key.dataset}: rows that are not a dataset's come in symbol order only. ` +
        "Publish or import them first.",
      { dataset: key.dataset },
    );
  }
  return {
    key,
    index,
    load(requests) {
      return Promise.resolve(requests.map((request) => find(request, columns, key)));
    },
    statistics: () => ({ bytesRead: 0, rowCount: 0, milliseconds: 0 }),
    release() {},
  };
}

function find(request: ColumnRequest, columns: readonly LoadedColumn[], key: RowSetKey): LoadedColumn {
  const found = columns.find(
    ({ request: { name, type } }) =>
      request.source.kind === "own" && name === request.name && type === request.type,
  );
  if (found !== undefined) return found;
  throw new QuiverError(
    "not-implemented",
    `Cannot give the column ${JSON.stringify(request.name)} as ${request.type} beside ${key.dataset}: rows that are not a ` +
      "dataset's cannot be matched with other datasets. Publish or import them first.",
    { dataset: key.dataset, column: request.name },
  );
}
