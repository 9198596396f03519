import { decodeMessage, encodeDictionaryBatch, encodeSchemaMessage, END_OF_STREAM } from "./arrow-message.ts";
import { METADATA_VERSION, readSchema, schemaNode, type ArrowSchema } from "./arrow-schema.ts";
import { FlatReader } from "./flatbuffer-reader.ts";
import { encodeFlatbuffer, i16, structsOf64Bits, table } from "./flatbuffer-writer.ts";

/** The position of one message in an Arrow file; offsets count from the file's first byte. */
export interface ArrowBlock {
  readonly offset: number;
  /** Including prefix and padding. */
  readonly metadataLength: number;
  readonly bodyLength: number;
}

/** `ARROW1` and two bytes of padding: how an Arrow file starts. */
export const FILE_START: Uint8Array = Uint8Array.of(0x41, 0x52, 0x52, 0x4f, 0x57, 0x31, 0, 0);

/** `ARROW1`: how an Arrow file ends. */
const FILE_END = FILE_START.subarray(0, 6);

/**
 * Encodes what must precede record batches written elsewhere (partition files, each a plain sequence of record-batch
 * messages) to form an Arrow stream: `prefix`, the messages, `END_OF_STREAM`; or, with `as: "file"`, an Arrow file:
 * `prefix`, the messages, `encodeFileFooter(schema, dictionaryBlocks, blocks)`. The prefix is a multiple of 64 bytes
 * long, so the messages keep their alignment.
 */
export function encodePrefix(
  schema: ArrowSchema,
  dictionaries: ReadonlyMap<number, readonly string[]>,
  as: "stream" | "file",
): { prefix: Uint8Array; dictionaryBlocks: readonly ArrowBlock[] } {
  const start = as === "file" ? FILE_START : new Uint8Array(0);
  const parts = [start, encodeSchemaMessage(schema, start.length)];
  let offset = start.length + parts[1]!.length;
  const dictionaryBlocks: ArrowBlock[] = [];
  for (const [id, values] of dictionaries) {
    const message = encodeDictionaryBatch(id, values);
    const { metadataLength, bodyLength } = decodeMessage(message)!;
    dictionaryBlocks.push({ offset, metadataLength, bodyLength });
    parts.push(message);
    offset += message.length;
  }
  return { prefix: concatBytes(parts), dictionaryBlocks };
}

/**
 * Everything that follows the last record batch of an Arrow file: end-of-stream mark, footer, its length, `ARROW1`.
 */
export function encodeFileFooter(
  schema: ArrowSchema,
  dictionaryBlocks: readonly ArrowBlock[],
  recordBatchBlocks: readonly ArrowBlock[],
): Uint8Array {
  const footer = encodeFlatbuffer(
    table(
      i16(METADATA_VERSION),
      schemaNode(schema),
      structsOf64Bits(3, dictionaryBlocks.flatMap(blockMembers)),
      structsOf64Bits(3, recordBatchBlocks.flatMap(blockMembers)),
    ),
  );
  const length = new Uint8Array(4);
  new DataView(length.buffer).setInt32(0, footer.length, true);
  return concatBytes([END_OF_STREAM, footer, length, FILE_END]);
}

/**
 * Lists the blocks of a partition file (which contains only record-batch messages) by reading headers only. `read`
 * returns the bytes at an offset, fewer than requested at the end of the file. `base` is added to every offset: the
 * position of the partition in the final file. Throws a RangeError if the file is cut short or contains anything else.
 */
export function recordBatchBlocks(
  byteLength: number,
  read: (offset: number, length: number) => Uint8Array,
  base = 0,
): { blocks: ArrowBlock[]; rowCount: number } {
  const blocks: ArrowBlock[] = [];
  let rowCount = 0;
  for (let offset = 0; offset < byteLength;) {
    const prefix = read(offset, 8);
    const metadataLength =
      new DataView(prefix.buffer, prefix.byteOffset, prefix.byteLength).getInt32(4, true) + 8;
    const message = decodeMessage(read(offset, metadataLength));
    if (message?.kind !== "recordBatch") throw new RangeError(`no record batch starts at byte ${offset}`);
    const end = offset + message.metadataLength + message.bodyLength;
    if (end > byteLength) {
      throw new RangeError(
        `the record batch at byte ${offset} ends at ${end}, but the file at ${byteLength}`,
      );
    }
    blocks.push({
      offset: base + offset,
      metadataLength: message.metadataLength,
      bodyLength: message.bodyLength,
    });
    rowCount += message.rowCount;
    offset = end;
  }
  return { blocks, rowCount };
}

export interface FileFooter {
  /** Undefined when the file contains a type that Quiver does not write. */
  readonly schema: ArrowSchema | undefined;
  readonly dictionaries: readonly ArrowBlock[];
  readonly recordBatches: readonly ArrowBlock[];
}

/** Reads the footer of a complete Arrow file. Throws a RangeError if the bytes are not one. */
export function decodeFileFooter(bytes: Uint8Array): FileFooter {
  const end = bytes.length - FILE_END.length;
  const isFile =
    end >= FILE_START.length + 4 &&
    FILE_END.every((byte, index) => bytes[index] === byte && bytes[end + index] === byte);
  if (!isFile) throw new RangeError("the bytes do not start and end with ARROW1");
  const length = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength).getInt32(end - 4, true);
  const start = end - 4 - length;
  if (length <= 0 || start < FILE_START.length) throw new RangeError("the footer's length is wrong");
  const footer = FlatReader.root(bytes.subarray(start, end - 4));
  const schema = footer.table(1);
  return {
    schema: schema === undefined ? undefined : readSchema(schema),
    dictionaries: blocksOf(footer.structsOf64Bits(2, 3)),
    recordBatches: blocksOf(footer.structsOf64Bits(3, 3)),
  };
}

/**
 * The members of `{offset: i64, metaDataLength: i32, 4 bytes of padding, bodyLength: i64}`, written as three 64-bit
 * values.
 */
function blockMembers(block: ArrowBlock): number[] {
  return [block.offset, block.metadataLength, block.bodyLength];
}

/** Only the low half of the second member counts, because the padding after the 32-bit value may hold anything. */
function blocksOf(members: readonly number[]): ArrowBlock[] {
  return Array.from({ length: members.length / 3 }, (_, index) => ({
    offset: members[index * 3]!,
    metadataLength: members[index * 3 + 1]! % 2 ** 32,
    bodyLength: members[index * 3 + 2]!,
  }));
}

function concatBytes(parts: readonly Uint8Array[]): Uint8Array {
  const bytes = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    bytes.set(part, at);
    at += part.length;
  }
  return bytes;
}
