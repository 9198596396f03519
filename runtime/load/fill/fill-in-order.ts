import type { RawResult } from "../../engine/duckdb-bindings.ts";
import type { SegmentPool } from "../parquet/segment-pool.ts";
import { selectList, type ColumnPlan } from "./column-plan.ts";
import { fromFiles, wrongCount } from "./dataset-reader.ts";
import { fileRunsOf, type FileRun } from "./file-runs.ts";
import { fillDirectly } from "./fill-directly.ts";
import type { FillJob } from "./fill-job.ts";
import { openPart, type PartWriter } from "./part-writer.ts";
import { receiveRows, runQuery } from "./scan.ts";
import { isDirectColumn } from "./scatter-directly.ts";
import { createWriteBuffer, type WriteBuffer } from "./write-buffer.ts";

/**
 * Fills columns of an ordered dataset, whose rows are stored in the order of the row set, so that each run of files
 * becomes a part. Columns that can be read directly from the pages are; DuckDB reads and converts the others.
 */
export async function fillInOrder(job: FillJob, pool: SegmentPool): Promise<number> {
  const runs = fileRunsOf(job);
  const direct = job.plans.filter((plan) => isDirectColumn(job, plan));
  const selected = job.plans.filter((plan) => !direct.includes(plan));
  const numbered = runs.map((run, number) => ({ run, number }));
  await Promise.all([
    fillDirectly(job, direct, runs, pool, (plans, run, number) =>
      fillSelected(job, plans, [{ run, number }]),
    ),
    fillSelected(job, selected, numbered),
  ]);
  return runs.reduce((sum, { rows }) => sum + rows.rowCount, 0);
}

/** While one run is copied, DuckDB's threads already read the next. */
async function fillSelected(
  job: FillJob,
  plans: readonly ColumnPlan[],
  runs: readonly { readonly run: FileRun; readonly number: number }[],
): Promise<void> {
  if (plans.length === 0) return;
  const { sql, byteWidths } = selectList(plans);
  const buffers = plans.map(({ expression }) => createWriteBuffer(expression));
  let next = select(job, runs[0]!.run, sql);
  for (const [i, { run, number }] of runs.entries()) {
    const result = await next;
    const following = runs[i + 1];
    if (following !== undefined) {
      next = select(job, following.run, sql);
      // Awaited in the next iteration; if this iteration fails, its own failure is the one to report.
      next.catch(() => undefined);
    }
    writeRun(job, plans, buffers, number, run, result, byteWidths);
    job.signal.throwIfAborted();
  }
}

function select(job: FillJob, { files }: FileRun, sql: string): Promise<RawResult | undefined> {
  if (files.length === 0) return Promise.resolve(undefined);
  const query = `SELECT ${sql} FROM ${fromFiles(job.version, files)}${job.where}`;
  return job.database.withConnection(job.signal, (connection) => runQuery(connection, query));
}

function writeRun(
  job: FillJob,
  plans: readonly ColumnPlan[],
  buffers: readonly WriteBuffer[],
  number: number,
  run: FileRun,
  result: RawResult | undefined,
  byteWidths: readonly number[],
): void {
  const writers: PartWriter[] = [];
  try {
    for (const plan of plans) {
      const path = job.pathOf(job.plans.indexOf(plan), number);
      writers.push(openPart(path, plan.request.name, plan.fileType, run.rows));
    }
    const received = result === undefined ? 0 : copyRows(plans, buffers, writers, result, byteWidths);
    if (received !== run.rows.rowCount) {
      const paths = run.files.map((file) => file.path);
      throw wrongCount(job.version.record.name, paths, received, run.rows.rowCount);
    }
    for (const [i, writer] of writers.entries()) {
      job.sink.finished(job.plans.indexOf(plans[i]!), writer.finish(), plans[i]!.labels);
    }
  } finally {
    for (const writer of writers) writer.discard();
  }
}

function copyRows(
  plans: readonly ColumnPlan[],
  buffers: readonly WriteBuffer[],
  writers: readonly PartWriter[],
  result: RawResult,
  byteWidths: readonly number[],
): number {
  const rowCount = receiveRows(result, byteWidths, (_count, values) => {
    let at = 0;
    for (let column = 0; column < plans.length; column++) {
      const writer = writers[column]!;
      buffers[column]!.add(values[at++]!, writer);
      if (plans[column]!.expression.valid !== null) writer.appendValid(values[at++]!);
    }
  });
  for (const [column, buffer] of buffers.entries()) buffer.flush(writers[column]!);
  return rowCount;
}
