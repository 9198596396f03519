import { open } from "node:fs/promises";
import {
  type ArrowBlock,
  type ArrowSchema,
  encodeFileFooter,
  encodePrefix,
  END_OF_STREAM,
} from "../../shared/arrow/index.ts";
import type { BatchFacts } from "../../shared/protocol/child-message.ts";
import type { ResultPart } from "../../shared/protocol/result.ts";
import type { EarlyResult, SpooledResult } from "../invoke/invocation.ts";

/** Large enough to keep system calls rare, small enough not to block the event loop. */
const CHUNK_BYTES = 512 * 1024;

/** An Arrow stream or file with its exact length, read from the spool only as fast as `chunks` is consumed. */
export interface ArrowBody {
  readonly byteLength: number;
  readonly chunks: AsyncIterable<Uint8Array>;
}

/** Joins schema, dictionary and the partitions' record batches into one Arrow stream or file. */
export function arrowBody(result: SpooledResult, as: "stream" | "file"): ArrowBody {
  const { schema, prefix, dictionaryBlocks } = prefixOf(result, as);
  const { blocks, end } = placeBatches(result, prefix.length);
  const suffix = as === "file" ? encodeFileFooter(schema, dictionaryBlocks, blocks) : END_OF_STREAM;
  return { byteLength: end + suffix.length, chunks: joined(prefix, result.parts, suffix) };
}

/** An Arrow stream that begins before its last partition has finished; its length is unknown. */
export function earlyArrowBody(result: EarlyResult): AsyncIterable<Uint8Array> {
  return joined(prefixOf(result, "stream").prefix, result.parts, END_OF_STREAM);
}

function prefixOf(result: Pick<SpooledResult, "schema" | "symbols">, as: "stream" | "file") {
  const schema = arrowSchema(result);
  const hasDictionary = schema.fields.some((field) => field.type === "dictionary");
  const dictionaries = new Map(hasDictionary ? [[0, result.symbols] as const] : []);
  return { schema, ...encodePrefix(schema, dictionaries, as) };
}

function arrowSchema(result: Pick<SpooledResult, "schema">): ArrowSchema {
  return {
    fields: result.schema.map(({ name, type, nullable, dictionary }) => ({
      name,
      type: dictionary ? "dictionary" : type,
      nullable,
    })),
  };
}

function placeBatches(result: SpooledResult, start: number): { blocks: ArrowBlock[]; end: number } {
  const blocks: ArrowBlock[] = [];
  let offset = start;
  for (const { metadataLength, bodyLength } of result.parts.flatMap((part) => part.batches)) {
    blocks.push({ offset, metadataLength, bodyLength });
    offset += metadataLength + bodyLength;
  }
  return { blocks, end: offset };
}

async function* joined(
  prefix: Uint8Array,
  parts: Iterable<ResultPart> | AsyncIterable<ResultPart>,
  suffix: Uint8Array,
): AsyncGenerator<Uint8Array> {
  yield prefix;
  for await (const { path, batches } of parts) {
    const runs = contiguousRuns(batches);
    if (runs.length === 0) continue;
    const file = await open(path, "r");
    try {
      for (const run of runs) yield* slice(file, path, run.start, run.end);
    } finally {
      await file.close();
    }
  }
  yield suffix;
}

async function* slice(
  file: Awaited<ReturnType<typeof open>>,
  path: string,
  start: number,
  end: number,
): AsyncGenerator<Uint8Array> {
  for (let at = start; at < end;) {
    const buffer = new Uint8Array(Math.min(CHUNK_BYTES, end - at));
    const { bytesRead } = await file.read(buffer, 0, buffer.length, at);
    if (bytesRead === 0) throw new RangeError(`${path} ends at byte ${at}, expected ${end}`);
    yield buffer.subarray(0, bytesRead);
    at += bytesRead;
  }
}

/** Adjacent batches are read as one. */
function contiguousRuns(batches: readonly BatchFacts[]): { start: number; end: number }[] {
  const runs: { start: number; end: number }[] = [];
  for (const { byteOffset, metadataLength, bodyLength } of batches) {
    const end = byteOffset + metadataLength + bodyLength;
    const last = runs.at(-1);
    if (last?.end === byteOffset) last.end = end;
    else runs.push({ start: byteOffset, end });
  }
  return runs;
}
