import { allocateColumn, type ColumnArray } from "../../../shared/arrow/index.ts";
import { QuiverError } from "../../../shared/errors/index.ts";
import type { Database } from "../../engine/database.ts";
import { selectList, type ColumnPlan } from "./column-plan.ts";
import { fromFiles, type DatasetVersion } from "./dataset-reader.ts";
import type { StoredOrder } from "./order-file.ts";
import { UnreadablePage } from "../parquet/read-pages.ts";
import { receiveRows, runQuery } from "./scan.ts";
import { fileRuns, type RowSelection } from "./row-selection.ts";
import { isDirectColumn, scatterDirectly } from "./scatter-directly.ts";
import { scatter } from "./scatter.ts";

/** A selection of stored rows and the connection that reads them. */
export interface StoredSelection extends RowSelection {
  readonly version: DatasetVersion;
  readonly database: Database;
  readonly signal: AbortSignal;
}

export interface ScatteredColumn {
  readonly values: ColumnArray;
  /** One byte per row, 1 for a value; null for a column that cannot have nulls of its own. */
  readonly valid: Uint8Array | null;
}

/**
 * Reads complete columns and puts each value at the position of its row; rows with a negative position are left out.
 */
export async function scatterColumns(
  selection: StoredSelection,
  plans: readonly ColumnPlan[],
  order: StoredOrder,
  rowCount: number,
): Promise<ScatteredColumn[]> {
  const scattered = plans.map((plan) => ({ plan, column: allocate(plan, rowCount) }));
  const direct = scattered.filter(
    ({ plan }) => isDirectColumn(selection, plan) && knowsRows(selection, order),
  );
  const others = scattered.filter((entry) => !direct.includes(entry));
  try {
    await put(direct, (plans, columns) =>
      scatterDirectly(selection, plans, columns, order.positions, order.storedRows),
    );
  } catch (error) {
    if (!(error instanceof UnreadablePage)) throw error;
    others.push(...direct);
  }
  await put(others, (plans, columns) => scatterSelected(selection, plans, columns, order.positions));
  return scattered.map(({ column }) => column);

  async function put(
    entries: typeof scattered,
    work: (plans: ColumnPlan[], columns: ScatteredColumn[]) => Promise<number>,
  ): Promise<void> {
    if (entries.length === 0) return;
    const received = await work(
      entries.map(({ plan }) => plan),
      entries.map(({ column }) => column),
    );
    if (received !== order.positions.length) throw changed(selection.version, order.positions.length);
  }
}

/** Whether row numbers are known. If DuckDB selected symbols, it does not say where their rows are in the files. */
function knowsRows({ where }: StoredSelection, { storedRows }: StoredOrder): boolean {
  return where === "" || storedRows !== null;
}

function allocate({ fileType, expression }: ColumnPlan, rowCount: number): ScatteredColumn {
  return {
    values: allocateColumn(fileType, rowCount),
    valid: expression.valid === null ? null : new Uint8Array(rowCount),
  };
}

async function scatterSelected(
  selection: StoredSelection,
  plans: readonly ColumnPlan[],
  columns: readonly ScatteredColumn[],
  positions: Int32Array,
): Promise<number> {
  const { version, database, signal } = selection;
  const { sql, byteWidths } = selectList(plans);
  let row = 0;
  for (const { files, where } of fileRuns(selection)) {
    const query = `SELECT ${sql} FROM ${fromFiles(version, files)}${where}`;
    const result = await database.withConnection(signal, (connection) => runQuery(connection, query));
    receiveRows(result, byteWidths, (count, raw) => {
      const places = positions.subarray(row, row + count);
      if (places.length !== count) throw changed(version, positions.length);
      let at = 0;
      for (let column = 0; column < plans.length; column++) {
        const { values, valid } = columns[column]!;
        scatter(raw[at++]!, plans[column]!.expression, places, values);
        if (valid !== null) scatter(raw[at++]!, { byteWidth: 1, widen: false }, places, valid);
      }
      row += count;
    });
    signal.throwIfAborted();
  }
  return row;
}

function changed({ record }: DatasetVersion, expected: number): QuiverError {
  return new QuiverError(
    "dataset-damaged",
    `Cannot bring dataset ${JSON.stringify(record.name)} into order: its files no longer hold the ${expected} rows they held a moment ago. Import its sources again into a new dataset.`,
    { dataset: record.name, expected },
  );
}
