import { COLUMN_BYTE_WIDTH } from "../../../shared/arrow/index.ts";
import type { ColumnPlan } from "./column-plan.ts";
import { cutRows } from "./cut-rows.ts";
import type { FillJob } from "./fill-job.ts";
import { readOrder } from "./order-file.ts";
import { readRowSetIndex } from "./read-index.ts";
import { scatterColumns } from "./scatter-columns.ts";
import { writeColumn } from "./write-column.ts";

/** The size limit for columns that are reordered together; more columns need another scan. */
const SCATTER_BYTES_MAX = 1 << 30;

/**
 * Fills columns of a dataset whose rows are not stored in order: they are read in file order, and each value is placed
 * where `load-index` located its row.
 */
export async function fillReordered(job: FillJob): Promise<number> {
  const { firstRows, rowCount } = readRowSetIndex(job.dir);
  const runs = cutRows(firstRows, job.partRows);
  const order = readOrder(job.dir);
  for (const group of groupsOf(job.plans, rowCount)) {
    const columns = await scatterColumns(job, group, order, rowCount);
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
