import { allocateColumn, COLUMN_BYTE_WIDTH, type ColumnArray } from "../../../shared/arrow/index.ts";
import { QuiverError } from "../../../shared/errors/index.ts";
import { selectList, type ColumnPlan } from "./column-plan.ts";
import { cutRows } from "./cut-rows.ts";
import { fromFiles } from "./dataset-reader.ts";
import type { FillJob } from "./fill-job.ts";
import { readOrder } from "./order-file.ts";
import { readRowSetIndex } from "./read-index.ts";
import { receiveRows, runQuery } from "./scan.ts";
import { fileRuns } from "./scan-keys.ts";
import { scatter } from "./scatter.ts";
import { writeColumn } from "./write-column.ts";

/** Columns that are put in order together stay below this; more take another scan. */
const SCATTER_BYTES_MAX = 1 << 30;

/**
 * Fills columns of a dataset whose rows are not stored in order: they are read as the files have them, and each
 * value goes to the place that `load-index` found for its row.
 */
export async function fillReordered(job: FillJob): Promise<number> {
  const { firstRows, rowCount } = readRowSetIndex(job.dir);
  const runs = cutRows(firstRows);
  const positions = readOrder(job.dir);
  for (const group of groupsOf(job.plans, rowCount)) {
    const columns = await scatterColumns(job, group, positions, rowCount);
    for (const [i, { values, valid }] of columns.entries()) {
      const plan = group[i]!;
      const column = job.plans.indexOf(plan);
      const target = {
        name: plan.request.name,
        fileType: plan.fileType,
        runs,
        pathOf: (part: number) => job.pathOf(column, part),
      };
      for (const written of writeColumn(target, values, valid))
        job.sink.finished(column, written, plan.labels);
    }
    job.signal.throwIfAborted();
  }
  return rowCount;
}

function groupsOf(plans: readonly ColumnPlan[], rowCount: number): ColumnPlan[][] {
  const groups: ColumnPlan[][] = [];
  let held = 0;
  for (const plan of plans) {
    const byteLength =
      rowCount * (COLUMN_BYTE_WIDTH[plan.fileType] + (plan.expression.valid === null ? 0 : 1));
    const group = groups.at(-1);
    if (group === undefined || held + byteLength > SCATTER_BYTES_MAX) {
      groups.push([plan]);
      held = byteLength;
    } else {
      group.push(plan);
      held += byteLength;
    }
  }
  return groups;
}

interface ScatteredColumn {
  readonly values: ColumnArray;
  readonly valid: Uint8Array | null;
}

async function scatterColumns(
  job: FillJob,
  plans: readonly ColumnPlan[],
  positions: Int32Array,
  rowCount: number,
): Promise<ScatteredColumn[]> {
  const columns = plans.map(({ fileType, expression }): ScatteredColumn => ({
    values: allocateColumn(fileType, rowCount),
    valid: expression.valid === null ? null : new Uint8Array(rowCount),
  }));
  const { sql, byteWidths } = selectList(plans);
  let row = 0;
  for (const files of fileRuns(job.files)) {
    const query = `SELECT ${sql} FROM ${fromFiles(job.version, files)}${job.where}`;
    const result = await job.database.withConnection(job.signal, (connection) => runQuery(connection, query));
    receiveRows(result, byteWidths, (count, raw) => {
      const places = positions.subarray(row, row + count);
      if (places.length !== count) throw grew(job, positions.length);
      let at = 0;
      for (let column = 0; column < plans.length; column++) {
        const { values, valid } = columns[column]!;
        scatter(raw[at++]!, plans[column]!.expression, places, values);
        if (valid !== null) scatter(raw[at++]!, { byteWidth: 1, widen: false }, places, valid);
      }
      row += count;
    });
  }
  if (row !== positions.length) throw grew(job, positions.length);
  return columns;
}

function grew({ version }: FillJob, expected: number): QuiverError {
  return new QuiverError(
    "dataset-damaged",
    `Cannot bring dataset ${JSON.stringify(version.record.name)} into order: its files no longer hold the ${expected} rows they held a moment ago. Import its sources again into a new dataset.`,
    { dataset: version.record.name, expected },
  );
}
