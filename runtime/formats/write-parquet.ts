import { encodePrefix, END_OF_STREAM, type ArrowSchema } from "../../shared/arrow/index.ts";
import type { ResultBatch, ResultBatches, ResultHead } from "./result-batch.ts";
import { recordBatchChunks } from "./write-arrow.ts";

/**
 * Rows per row group. The encoder holds one row group at a time, about 40 MB for six columns, however long the
 * result. With its default of a million rows it grows past 400 MB and never shrinks.
 */
const ROW_GROUP_ROWS = 122_880;

/** A Parquet file (ZSTD), encoded row group by row group as the batches come. */
export async function* writeParquet(head: ResultHead, batches: ResultBatches): AsyncGenerator<Uint8Array> {
  const parquet = await loadEncoder();
  const iterator = batches[Symbol.asyncIterator]();
  const prefix = encodePrefix(head.schema, head.dictionaries, "stream").prefix;
  // The encoder replaces an error of its source by its own. The original is kept here to be thrown instead.
  const failure: { error?: unknown } = {};
  const source = new ReadableStream({
    async pull(controller) {
      try {
        const next = await iterator.next();
        if (next.done === true) {
          // Without a batch the encoder would not know the schema.
          if (!anyBatch) enqueue(controller, emptyBatch(head.schema));
          controller.close();
        } else enqueue(controller, next.value);
      } catch (error) {
        failure.error = error;
        controller.error(error);
      }
    },
  });
  let anyBatch = false;
  const enqueue = (controller: ReadableStreamDefaultController, batch: ResultBatch) => {
    anyBatch = true;
    const table = parquet.Table.fromIPCStream(streamOf(prefix, head.schema, batch));
    for (const recordBatch of table.recordBatches()) controller.enqueue(recordBatch);
    table.free();
  };
  let reader: ReadableStreamDefaultReader<Uint8Array> | undefined;
  try {
    const encoded = await parquet.transformParquetStream(source, writerProperties(parquet, head.schema));
    reader = encoded.getReader() as ReadableStreamDefaultReader<Uint8Array>;
    for (;;) {
      const { done, value } = await reader.read();
      // When its source fails, the encoder ends the file as if it were complete.
      if ("error" in failure) throw failure.error;
      if (done) return;
      yield value;
    }
  } catch (error) {
    throw "error" in failure ? failure.error : error;
  } finally {
    await reader?.cancel().catch(() => undefined); // Whatever it has to say, its result is no longer wanted.
    await iterator.return?.();
  }
}

type Encoder = typeof import("parquet-wasm/node");

/** Loaded at first use: compiling it takes 60 ms that nothing else should wait for. */
async function loadEncoder(): Promise<Encoder> {
  return import("parquet-wasm/node");
}

function writerProperties(parquet: Encoder, schema: ArrowSchema) {
  let builder = new parquet.WriterPropertiesBuilder()
    .setCompression(parquet.Compression.ZSTD)
    .setMaxRowGroupSize(ROW_GROUP_ROWS)
    .setCreatedBy("quiver")
    // Dictionaries of numbers more than double the encoding time and save nothing on prices.
    .setDictionaryEnabled(false);
  for (const { name, type } of schema.fields) {
    if (type === "utf8" || type === "dictionary") builder = builder.setColumnDictionaryEnabled(name, true);
  }
  return builder.build();
}

function streamOf(prefix: Uint8Array, schema: ArrowSchema, batch: ResultBatch): Uint8Array {
  const parts = [prefix, ...recordBatchChunks(schema, batch), END_OF_STREAM];
  const bytes = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    bytes.set(part, at);
    at += part.length;
  }
  return bytes;
}

function emptyBatch(schema: ArrowSchema): ResultBatch {
  const column = (isText: boolean) => ({ nullCount: 0, values: new Uint8Array(isText ? 4 : 0) });
  return { rowCount: 0, columns: schema.fields.map(({ type }) => column(type === "utf8")) };
}
