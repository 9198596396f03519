import { limitRows } from "./limit-rows.ts";
import { RESULT_FORMATS, type ResultFormat } from "./media-types.ts";
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
 * The bytes of a result in a format. They are made as they are asked for: one batch is in memory at a time. Stopping
 * early (`return()`, once started) closes the batches. `rowLimit` replaces the format's own; a limit reached throws.
 */
export async function* writeResult(
  format: ResultFormat,
  head: ResultHead,
  batches: ResultBatches,
  rowLimit: number | undefined = RESULT_FORMATS[format].defaultRowLimit,
): AsyncGenerator<Uint8Array> {
  // Closed here and not by the writers: one that has only written its header has not begun to read.
  const source: AsyncIterator<ResultBatch> = batches[Symbol.asyncIterator]();
  const once: ResultBatches = { [Symbol.asyncIterator]: () => source };
  try {
    yield* WRITERS[format](
      head,
      rowLimit === undefined ? once : limitRows(once, rowLimit, RESULT_FORMATS[format].names[0]),
    );
  } finally {
    await source.return?.();
  }
}
