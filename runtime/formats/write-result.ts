import { limitRows } from "./limit-rows.ts";
import type { ResultFormat } from "../../shared/protocol/result.ts";
import type { ResultBatch, ResultBatches, ResultHead } from "./result-batch.ts";
import { writeArrowFile, writeArrowStream } from "./write-arrow.ts";
import { writeParquet } from "./write-parquet.ts";
import { writeCsv, writeJson, writeNdjson } from "./write-text.ts";

type Writer = (head: ResultHead, batches: ResultBatches) => AsyncGenerator<Uint8Array>;

const WRITERS: Readonly<Record<ResultFormat, Writer>> = {
  "arrow.stream": writeArrowStream,
  "arrow.file": writeArrowFile,
  parquet: writeParquet,
  csv: writeCsv,
  ndjson: writeNdjson,
  json: writeJson,
};

/**
 * The bytes of a result in a format, made on demand: one batch is in memory at a time. Stopping early (`return()`, once
 * started) closes the batches. More rows than `rowLimit` throw `row-limit-exceeded`; null means no limit.
 */
export async function* writeResult(
  format: ResultFormat,
  head: ResultHead,
  batches: ResultBatches,
  rowLimit: number | null = null,
): AsyncGenerator<Uint8Array> {
  // Closed here rather than by the writers: one that has only written its header has not begun to read.
  const source: AsyncIterator<ResultBatch> = batches[Symbol.asyncIterator]();
  const once: ResultBatches = { [Symbol.asyncIterator]: () => source };
  try {
    yield* WRITERS[format](head, rowLimit === null ? once : limitRows(once, rowLimit, format));
  } finally {
    await source.return?.();
  }
}
