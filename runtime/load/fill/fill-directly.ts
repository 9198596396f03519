import { join } from "node:path";
import { UnreadablePage } from "../parquet/read-pages.ts";
import { fillSegment, type FileRows, type Segment } from "../parquet/fill-segment.ts";
import type { SegmentPool } from "../parquet/segment-pool.ts";
import type { ColumnPlan } from "./column-plan.ts";
import { columnOf, symbolsOf } from "./dataset-reader.ts";
import type { FillJob } from "./fill-job.ts";
import type { FileRun } from "./file-runs.ts";
import type { WrittenPart } from "./part-writer.ts";

/** Below this many rows, a load finishes before another thread could be involved. */
const THREAD_ROWS_MIN = 200_000;

/** Fills one run in a different way, if one of its pages is of a kind that is not read here. */
export type FillOtherwise = (plans: readonly ColumnPlan[], run: FileRun, number: number) => Promise<void>;

/**
 * Fills columns directly from an ordered dataset's Parquet pages, which is half the work of having DuckDB create
 * vectors and copying those. The index says which rows of which file are needed, so the symbols themselves are never
 * read.
 */
export async function fillDirectly(
  job: FillJob,
  plans: readonly ColumnPlan[],
  runs: readonly FileRun[],
  pool: SegmentPool,
  fillOtherwise: FillOtherwise,
): Promise<void> {
  const { version, signal } = job;
  const fill = (segment: Segment) =>
    segment.rows.rowCount < THREAD_ROWS_MIN
      ? fillSegment(segment, (path) => version.parquetOf(fileAt(job, path)))
      : pool.fill(segment, signal);
  await Promise.all(
    runs.map(async (run, number) => {
      const columns = plans.map((plan) => ({
        name: plan.request.name,
        stored: columnOf(version.record, plan.request.name).type,
        wanted: plan.fileType,
        path: job.pathOf(job.plans.indexOf(plan), number),
      }));
      let parts: readonly WrittenPart[];
      try {
        parts = await fill({ reads: readsOf(job, run), rows: run.rows, columns });
      } catch (error) {
        if (!(error instanceof UnreadablePage)) throw error;
        await fillOtherwise(plans, run, number);
        return;
      }
      for (const [i, part] of parts.entries()) job.sink.finished(job.plans.indexOf(plans[i]!), part, null);
    }),
  );
}

/** Whole files, or the rows of the requested symbols. */
function readsOf(job: FillJob, run: FileRun): FileRows[] {
  const { version, key } = job;
  if (key.symbols === null) {
    return run.files.map((file) => ({ path: pathOf(job, file.path), firstRow: 0, endRow: file.rowCount }));
  }
  const { rowCounts, firstRows } = version.index;
  const wanted = symbolsOf(version, key).map((symbol) => {
    const code = version.codes.get(symbol)!;
    return { from: firstRows![code]!, end: firstRows![code]! + rowCounts[code]! };
  });
  const reads: FileRows[] = [];
  let fileStart = 0;
  for (const { path, rowCount } of version.record.files) {
    const fileEnd = fileStart + rowCount;
    for (const { from, end } of wanted) {
      const firstRow = Math.max(from, fileStart) - fileStart;
      const endRow = Math.min(end, fileEnd) - fileStart;
      if (firstRow < endRow) reads.push({ path: pathOf(job, path), firstRow, endRow });
    }
    fileStart = fileEnd;
  }
  return reads;
}

function pathOf({ version }: FillJob, path: string): string {
  return join(version.dir, path);
}

function fileAt(job: FillJob, path: string) {
  return job.files.find((file) => pathOf(job, file.path) === path)!;
}
