import { METADATA_VERSION, readKeyValues, readSchema, schemaNode, type ArrowSchema } from "./arrow-schema.ts";
import { FlatReader } from "./flatbuffer-reader.ts";
import {
  bool,
  encodeFlatbuffer,
  i16,
  i64,
  structsOf64Bits,
  table,
  u8,
  type FlatNode,
} from "./flatbuffer-writer.ts";

/** Bodies and their buffers start at multiples of this, so that a mapped file suits any typed array (and SIMD). */
export const ARROW_ALIGNMENT = 64;

/** The length of what precedes every message's metadata: the continuation mark and the metadata's length. */
const PREFIX_LENGTH = 8;

const MESSAGE = { schema: 1, dictionary: 2, recordBatch: 3 } as const;

/** Ends a stream. It also separates the last record batch from the footer of a file. */
export const END_OF_STREAM: Uint8Array = Uint8Array.of(0xff, 0xff, 0xff, 0xff, 0, 0, 0, 0);

/** `byteLength` rounded up to the alignment of buffers. */
export function alignedLength(byteLength: number, alignment: number = ARROW_ALIGNMENT): number {
  return Math.ceil(byteLength / alignment) * alignment;
}

export interface RecordBatchSpec {
  readonly rowCount: number;
  /** One per column, in schema order. */
  readonly nodes: readonly { readonly length: number; readonly nullCount: number }[];
  /** The size of each buffer without padding: per column validity, then (for strings) offsets, then values. */
  readonly bufferLengths: readonly number[];
  /** Indices of `bufferLengths` in the order in which the body contains them, if it differs. */
  readonly bodyOrder?: readonly number[];
}

export interface RecordBatchHeader {
  /** Everything before the body; its length is a multiple of 64. */
  readonly header: Uint8Array;
  readonly bodyLength: number;
  /** Where each buffer starts within the body, all multiples of 64. */
  readonly bufferOffsets: readonly number[];
}

/**
 * The schema message that opens a stream. `startOffset` is its position in the file; the message is padded so that
 * what follows starts at a multiple of 64.
 */
export function encodeSchemaMessage(schema: ArrowSchema, startOffset = 0): Uint8Array {
  return encapsulate(messageNode(MESSAGE.schema, schemaNode(schema), 0), startOffset);
}

/** The header of a record batch whose buffers follow it, each padded to a multiple of 64. */
export function encodeRecordBatchHeader(spec: RecordBatchSpec): RecordBatchHeader {
  const { bufferOffsets, bodyLength } = placeBuffers(spec.bufferLengths, spec.bodyOrder);
  const node = recordBatchNode(spec, bufferOffsets);
  return {
    header: encapsulate(messageNode(MESSAGE.recordBatch, node, bodyLength), 0),
    bodyLength,
    bufferOffsets,
  };
}

/** The complete dictionary batch (header and body) with the strings of `dictionary` fields that have this id. */
export function encodeDictionaryBatch(id: number, values: readonly string[]): Uint8Array {
  const strings = values.map((value) => textEncoder.encode(value));
  const offsets = new Int32Array(values.length + 1);
  strings.forEach((bytes, index) => {
    offsets[index + 1] = offsets[index]! + bytes.length;
  });
  const textLength = offsets[values.length]!;
  const bufferLengths = [0, offsets.byteLength, textLength];
  const { bufferOffsets, bodyLength } = placeBuffers(bufferLengths);
  const spec = { rowCount: values.length, nodes: [{ length: values.length, nullCount: 0 }], bufferLengths };
  const node = table(i64(id), recordBatchNode(spec, bufferOffsets), bool(false));
  const header = encapsulate(messageNode(MESSAGE.dictionary, node, bodyLength), 0);
  const message = new Uint8Array(header.length + bodyLength);
  message.set(header);
  message.set(new Uint8Array(offsets.buffer), header.length + bufferOffsets[1]!);
  let at = header.length + bufferOffsets[2]!;
  for (const bytes of strings) {
    message.set(bytes, at);
    at += bytes.length;
  }
  return message;
}

export interface ArrowMessage {
  readonly kind: keyof typeof MESSAGE;
  /** Size of what precedes the body, including prefix and padding: `metaDataLength` of a footer's block. */
  readonly metadataLength: number;
  readonly bodyLength: number;
  /** Rows of a record batch, entries of a dictionary, or 0 for a schema. */
  readonly rowCount: number;
  readonly nodes: readonly { readonly length: number; readonly nullCount: number }[];
  /** The position of each buffer within the body. */
  readonly buffers: readonly { readonly offset: number; readonly length: number }[];
  readonly isCompressed: boolean;
  /** Only for a schema message whose types are all ones that Quiver writes. */
  readonly schema?: ArrowSchema;
  /** Only for a dictionary batch. */
  readonly dictionaryId?: number;
}

/**
 * Reads the message at `offset`. Returns undefined at the end of the bytes or at an end-of-stream mark. Throws a
 * RangeError if the bytes are not an Arrow message or end inside its metadata (the body may be missing).
 */
export function decodeMessage(bytes: Uint8Array, offset = 0): ArrowMessage | undefined {
  if (offset === bytes.length) return undefined;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (view.getUint32(offset, true) !== 0xffffffff) throw new RangeError("no Arrow message starts here");
  const length = view.getInt32(offset + 4, true);
  if (length === 0) return undefined;
  const start = offset + PREFIX_LENGTH;
  if (length < 0 || start + length > bytes.length)
    throw new RangeError("the message's metadata is cut short");
  const message = FlatReader.root(bytes.subarray(start, start + length));
  const kind = messageKind(message.u8(1));
  const header = message.table(2);
  const bodyLength = message.i64(3);
  if (kind === undefined || header === undefined || bodyLength < 0)
    throw new RangeError("not an Arrow message");
  readKeyValues(message, 4);
  const shared = { kind, metadataLength: PREFIX_LENGTH + length, bodyLength };
  if (kind === "schema") {
    const schema = readSchema(header);
    const none = { rowCount: 0, nodes: [], buffers: [], isCompressed: false };
    return { ...shared, ...none, ...(schema === undefined ? {} : { schema }) };
  }
  if (kind === "recordBatch") return { ...shared, ...readRecordBatch(header) };
  const data = header.table(1);
  if (data === undefined) throw new RangeError("a dictionary batch without data");
  return { ...shared, ...readRecordBatch(data), dictionaryId: header.i64(0) };
}

const textEncoder = new TextEncoder();

function messageKind(number: number): ArrowMessage["kind"] | undefined {
  if (number === MESSAGE.schema) return "schema";
  if (number === MESSAGE.dictionary) return "dictionary";
  return number === MESSAGE.recordBatch ? "recordBatch" : undefined;
}

function readRecordBatch(reader: FlatReader) {
  const nodes = reader.structsOf64Bits(1, 2);
  const buffers = reader.structsOf64Bits(2, 2);
  const rowCount = reader.i64(0);
  // Present in batches with views, which have a variable number of buffers; read only to verify that it ends.
  reader.structsOf64Bits(4, 1);
  const isCount = (value: number) => value >= 0 && Number.isSafeInteger(value);
  if (![rowCount, ...nodes, ...buffers].every(isCount))
    throw new RangeError("a record batch with negative counts");
  return {
    rowCount,
    nodes: pairs(nodes).map(([length, nullCount]) => ({ length, nullCount })),
    buffers: pairs(buffers).map(([offset, length]) => ({ offset, length })),
    isCompressed: reader.has(3),
  };
}

function pairs(values: readonly number[]): (readonly [number, number])[] {
  return Array.from({ length: values.length / 2 }, (_, index) => [
    values[index * 2]!,
    values[index * 2 + 1]!,
  ]);
}

function placeBuffers(
  bufferLengths: readonly number[],
  bodyOrder: Iterable<number> = bufferLengths.keys(),
): { bufferOffsets: number[]; bodyLength: number } {
  let bodyLength = 0;
  const bufferOffsets: number[] = bufferLengths.map(() => 0);
  for (const index of bodyOrder) {
    bufferOffsets[index] = bodyLength;
    bodyLength += alignedLength(bufferLengths[index]!);
  }
  return { bufferOffsets, bodyLength };
}

function recordBatchNode(spec: RecordBatchSpec, bufferOffsets: readonly number[]): FlatNode {
  const nodes = spec.nodes.flatMap(({ length, nullCount }) => [length, nullCount]);
  const buffers = spec.bufferLengths.flatMap((length, index) => [bufferOffsets[index]!, length]);
  return table(i64(spec.rowCount), structsOf64Bits(2, nodes), structsOf64Bits(2, buffers));
}

function messageNode(kind: number, header: FlatNode, bodyLength: number): FlatNode {
  return table(i16(METADATA_VERSION), u8(kind), header, i64(bodyLength));
}

/** Adds prefix and padding to the metadata, so that the body starts at a multiple of 64 in the file. */
function encapsulate(message: FlatNode, startOffset: number): Uint8Array {
  const metadata = encodeFlatbuffer(message);
  const end = alignedLength(startOffset + PREFIX_LENGTH + metadata.length);
  const bytes = new Uint8Array(end - startOffset);
  const view = new DataView(bytes.buffer);
  view.setUint32(0, 0xffffffff, true);
  view.setInt32(4, bytes.length - PREFIX_LENGTH, true);
  bytes.set(metadata, PREFIX_LENGTH);
  return bytes;
}
