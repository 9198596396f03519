import { open, type FileHandle } from "node:fs/promises";
import { decodeMessage, type ArrowField } from "../../../shared/arrow/index.ts";
import type { BatchFacts } from "../../../shared/protocol/child-message.ts";
import type { ResultPart } from "../../../shared/protocol/result.ts";
import { RESULT_FORMATS } from "../../formats/media-types.ts";
import { bufferCountOf, type ColumnBuffers, type ResultBatch } from "../../formats/result-batch.ts";
import { writeResult } from "../../formats/write-result.ts";
import type { EngineHandler } from "../engine-handler.ts";
import { sendBody } from "./send-body.ts";

/** Writes a spooled result in the requested format, with one record batch in memory at a time. */
export const formatResult: EngineHandler<"format"> = async (
  { schema, symbols, parts, format, rowLimit },
  call,
) => {
  const fields = schema.map(({ name, type, nullable, dictionary }): ArrowField => ({
    name,
    type: dictionary ? "dictionary" : type,
    nullable,
  }));
  const head = { schema: { fields }, dictionaries: new Map([[0, symbols]]) };
  const batches = readBatches(fields, parts);
  const body = writeResult(format, head, batches, rowLimit);
  await sendBody(call, { format, mediaType: RESULT_FORMATS[format].mediaType }, body);
  return null;
};

async function* readBatches(
  fields: readonly ArrowField[],
  parts: readonly ResultPart[],
): AsyncGenerator<ResultBatch> {
  for (const { path, batches } of parts) {
    if (batches.length === 0) continue;
    const file = await open(path, "r");
    try {
      for (const batch of batches) yield await readBatch(file, path, batch, fields);
    } finally {
      await file.close();
    }
  }
}

async function readBatch(
  file: FileHandle,
  path: string,
  { byteOffset, metadataLength, bodyLength }: BatchFacts,
  fields: readonly ArrowField[],
): Promise<ResultBatch> {
  const bytes = new Uint8Array(metadataLength + bodyLength);
  const { bytesRead } = await file.read(bytes, 0, bytes.length, byteOffset);
  const message = bytesRead === bytes.length ? decodeMessage(bytes, 0) : undefined;
  if (message?.kind !== "recordBatch" || message.nodes.length !== fields.length) {
    throw new RangeError(`${path} holds no record batch of ${fields.length} columns at byte ${byteOffset}`);
  }
  let next = 0;
  const buffer = () => {
    const { offset, length } = message.buffers[next++]!;
    return bytes.subarray(metadataLength + offset, metadataLength + offset + length);
  };
  const columns = fields.map(({ type }, i): ColumnBuffers => {
    const { nullCount } = message.nodes[i]!;
    const validity = buffer();
    const values = buffer();
    return {
      nullCount,
      values,
      ...(validity.length === 0 ? {} : { validity }),
      ...(bufferCountOf(type) === 3 ? { text: buffer() } : {}),
    };
  });
  return { rowCount: message.rowCount, columns };
}
