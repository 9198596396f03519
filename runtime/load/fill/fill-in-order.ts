import { QuiverError } from "../../../shared/errors/index.ts";
import type { RawResult } from "../../engine/duckdb-bindings.ts";
import type { DatasetFile } from "../../store/dataset.ts";
import { selectList, type ColumnPlan } from "./column-plan.ts";
import type { RowRun } from "./cut-rows.ts";
import { fromFiles, symbolsOf } from "./dataset-reader.ts";
import type { FillJob } from "./fill-job.ts";
import { openPart, type PartWriter } from "./part-writer.ts";
import { receiveRows, runQuery } from "./scan.ts";
import { createStage, type Stage } from "./stage.ts";

/**
 * Fills columns of an ordered dataset: rows stand in the files as they stand in the row set, so each run of files
 * becomes a part. While one run is copied, DuckDB's threads already read the next.
 */
export async function fillInOrder(job: FillJob): Promise<number> {
  const { plans, signal, database } = job;
  const segments = segmentsOf(job);
  if (plans.length === 0) return 0;
  const { sql, byteWidths } = selectList(plans);
  const run = (segment: Segment) =>
    segment.files.length === 0
      ? Promise.resolve(undefined)
      : database.withConnection(signal, (connection) =>
          runQuery(
            connection,
            `SELECT ${sql} FROM ${fromFiles(job.version, segment.files, segment.options)}${segment.where}`,
          ),
        );
  const stages = plans.map(({ expression }) => createStage(expression));
  let rowCount = 0;
  let next: Promise<RawResult | undefined> = run(segments[0]!);
  for (const [number, segment] of segments.entries()) {
    const result = await next;
    const following = segments[number + 1];
    if (following !== undefined) {
      next = run(following);
      // Awaited in the next turn; should this turn fail, its own failure is the one to tell.
      next.catch(() => undefined);
    }
    writeSegment(job, stages, number, segment, result, byteWidths);
    rowCount += segment.rows.rowCount;
    signal.throwIfAborted();
  }
  return rowCount;
}

interface Segment {
  readonly files: readonly DatasetFile[];
  readonly rows: RowRun;
  readonly where: string;
  readonly options: string;
}

/** Runs of files of about the rows of a part. */
function segmentsOf({ version, key, files, where, partRows }: FillJob): Segment[] {
  if (key.symbols !== null) {
    const { rowCounts } = version.index;
    const rowCount = symbolsOf(version, key).reduce(
      (sum, symbol) => sum + rowCounts[version.codes.get(symbol)!]!,
      0,
    );
    return [{ files: rowCount === 0 ? [] : files, rows: { firstRow: 0, rowCount }, where, options: "" }];
  }
  const segments: Segment[] = [];
  let held: DatasetFile[] = [];
  let firstRow = 0;
  let rowCount = 0;
  for (const [i, file] of files.entries()) {
    held.push(file);
    rowCount += file.rowCount;
    const following = files[i + 1];
    // A symbol whose history goes on in the next file stays in one part.
    const isCut = following === undefined || following.firstSymbol !== file.lastSymbol;
    if (!isCut || (following !== undefined && rowCount + following.rowCount / 2 < partRows)) continue;
    segments.push({ files: held, rows: { firstRow, rowCount }, where: "", options: "" });
    firstRow += rowCount;
    rowCount = 0;
    held = [];
  }
  return segments.length > 0
    ? segments
    : [{ files: [], rows: { firstRow: 0, rowCount: 0 }, where, options: "" }];
}

function writeSegment(
  job: FillJob,
  stages: readonly Stage[],
  number: number,
  segment: Segment,
  result: RawResult | undefined,
  byteWidths: readonly number[],
): void {
  const writers: PartWriter[] = [];
  try {
    for (const [column, { request, fileType }] of job.plans.entries()) {
      writers.push(openPart(job.pathOf(column, number), request.name, fileType, segment.rows));
    }
    const received = result === undefined ? 0 : copyRows(job.plans, stages, writers, result, byteWidths);
    if (received !== segment.rows.rowCount) throw wrongCount(job, segment, received);
    for (const [column, writer] of writers.entries()) {
      job.sink.finished(column, writer.finish(), job.plans[column]!.labels);
    }
  } finally {
    for (const writer of writers) writer.discard();
  }
}

function copyRows(
  plans: readonly ColumnPlan[],
  stages: readonly Stage[],
  writers: readonly PartWriter[],
  result: RawResult,
  byteWidths: readonly number[],
): number {
  const rowCount = receiveRows(result, byteWidths, (_count, values) => {
    let at = 0;
    for (let column = 0; column < plans.length; column++) {
      const writer = writers[column]!;
      stages[column]!.add(values[at++]!, writer);
      if (plans[column]!.expression.valid !== null) writer.appendValid(values[at++]!);
    }
  });
  for (const [column, stage] of stages.entries()) stage.flush(writers[column]!);
  return rowCount;
}

function wrongCount({ version }: FillJob, segment: Segment, received: number): QuiverError {
  const paths = segment.files.map((file) => file.path);
  const { name } = version.record;
  return new QuiverError(
    "dataset-damaged",
    `Cannot read ${paths.slice(0, 3).join(", ")} of dataset ${JSON.stringify(name)}: it gave ${received} rows, but its record says ${segment.rows.rowCount}. Import the dataset's sources again into a new dataset.`,
    { dataset: name, files: paths, received, expected: segment.rows.rowCount },
  );
}
