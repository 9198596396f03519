import {
  alignedLength,
  encodeFileFooter,
  encodePrefix,
  encodeRecordBatchHeader,
  END_OF_STREAM,
  type ArrowBlock,
  type ArrowSchema,
} from "../../shared/arrow/index.ts";
import type { ResultBatch, ResultBatches, ResultHead } from "./result-batch.ts";

/** An Arrow IPC stream: schema, dictionaries, one message per batch. The batches' buffers are passed on, not copied. */
export async function* writeArrowStream(
  head: ResultHead,
  batches: ResultBatches,
): AsyncGenerator<Uint8Array> {
  yield encodePrefix(head.schema, head.dictionaries, "stream").prefix;
  for await (const batch of batches) yield* recordBatchChunks(head.schema, batch);
  yield END_OF_STREAM.slice();
}

/** An Arrow IPC file: the stream's messages between `ARROW1` and a footer with the place of each batch. */
export async function* writeArrowFile(head: ResultHead, batches: ResultBatches): AsyncGenerator<Uint8Array> {
  const { prefix, dictionaryBlocks } = encodePrefix(head.schema, head.dictionaries, "file");
  const blocks: ArrowBlock[] = [];
  let offset = prefix.length;
  yield prefix;
  for await (const batch of batches) {
    const start = offset;
    let metadataLength = 0;
    for (const chunk of recordBatchChunks(head.schema, batch)) {
      metadataLength ||= chunk.length;
      offset += chunk.length;
      yield chunk;
    }
    blocks.push({ offset: start, metadataLength, bodyLength: offset - start - metadataLength });
  }
  yield encodeFileFooter(head.schema, dictionaryBlocks, blocks);
}

/**
 * One record-batch message: its header, then each buffer with its padding. Batches share no memory, so a byte
 * stream may take ownership of a chunk.
 */
export function* recordBatchChunks(schema: ArrowSchema, batch: ResultBatch): Generator<Uint8Array> {
  const buffers = schema.fields.flatMap(({ type }, index) => {
    const { nullCount, validity, values, text } = batch.columns[index]!;
    const bits = nullCount > 0 && validity !== undefined ? validity : EMPTY;
    return type === "utf8" ? [bits, values, text ?? EMPTY] : [bits, values];
  });
  yield encodeRecordBatchHeader({
    rowCount: batch.rowCount,
    nodes: batch.columns.map(({ nullCount }) => ({ length: batch.rowCount, nullCount })),
    bufferLengths: buffers.map((buffer) => buffer.length),
  }).header;
  for (const buffer of buffers) {
    if (buffer.length > 0) yield buffer;
    const padding = alignedLength(buffer.length) - buffer.length;
    if (padding > 0) yield new Uint8Array(padding);
  }
}

const EMPTY = new Uint8Array(0);
