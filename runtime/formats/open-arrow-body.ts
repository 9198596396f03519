import { zstdDecompressSync } from "node:zlib";
import {
  CompressionType,
  compressionRegistry,
  DataType,
  tableFromIPC,
  type Table,
  type Vector,
} from "apache-arrow";
import { decodeFileFooter, decodeMessage, type ArrowMessage } from "../../shared/arrow/index.ts";
import { messageOf, QuiverError } from "../../shared/errors/index.ts";
import { decodeLz4Frame } from "./lz4-frame.ts";

/** A refusal of an uploaded table. `problem` completes "Cannot read the Arrow body: …". */
export function bodyInvalid(
  problem: string,
  facts: Record<string, unknown> = {},
  cause?: unknown,
): QuiverError {
  return new QuiverError("arrow-body-invalid", `Cannot read the Arrow body: ${problem}.`, facts, cause);
}

/**
 * Opens an uploaded Arrow stream or file as views of `bytes`. The library that decodes it accepts damaged input, so
 * the messages are first walked to the end: a body that is cut short, or whose buffers lie outside of it, throws
 * `arrow-body-invalid`.
 */
export function openArrowBody(bytes: Uint8Array): Table {
  if (bytes.length === 0) throw bodyInvalid("it is empty. Expected an Arrow IPC stream or file");
  const isFile = FILE_MARK.every((byte, index) => bytes[index] === byte);
  const rowCount = isFile ? checkFile(bytes) : checkStream(bytes);
  let table: Table;
  try {
    registerCodecs();
    table = tableFromIPC(bytes);
  } catch (error) {
    throw bodyInvalid(`it does not decode (${messageOf(error)})`, {}, error);
  }
  if (table.numRows !== rowCount) {
    throw bodyInvalid(`its messages announce ${rowCount} rows, decoded are ${table.numRows}`);
  }
  return table;
}

/** `ARROW1` */
const FILE_MARK = [0x41, 0x52, 0x52, 0x4f, 0x57, 0x31] as const;

function checkStream(bytes: Uint8Array): number {
  let rowCount = 0;
  for (let offset = 0; ;) {
    if (offset === bytes.length) {
      throw bodyInvalid(
        "it ends without the mark that ends an Arrow stream: it is cut short, or its writer was not closed",
      );
    }
    const message = readMessage(bytes, offset);
    if (message === undefined) return rowCount;
    if (offset === 0 && message.kind !== "schema") throw bodyInvalid("it does not begin with a schema");
    checkBuffers(message, bytes.length - offset);
    if (message.kind === "recordBatch") rowCount += message.rowCount;
    offset += message.metadataLength + message.bodyLength;
  }
}

function checkFile(bytes: Uint8Array): number {
  let rowCount = 0;
  try {
    const { dictionaries, recordBatches } = decodeFileFooter(bytes);
    for (const { offset } of [...dictionaries, ...recordBatches]) {
      const message = readMessage(bytes, offset);
      if (message === undefined) throw new RangeError("a message is missing");
      checkBuffers(message, bytes.length - offset);
      if (message.kind === "recordBatch") rowCount += message.rowCount;
    }
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    throw bodyInvalid(`it is an Arrow file that is cut short or damaged (${error.message})`, {}, error);
  }
  return rowCount;
}

function readMessage(bytes: Uint8Array, offset: number): ArrowMessage | undefined {
  try {
    return decodeMessage(bytes, offset);
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    const where =
      offset === 0 ? "it is no Arrow IPC stream or file" : `it is cut short or damaged at byte ${offset}`;
    throw bodyInvalid(`${where} (${error.message})`, { offset }, error);
  }
}

function checkBuffers(message: ArrowMessage, bytesLeft: number): void {
  const { metadataLength, bodyLength, buffers } = message;
  if (metadataLength + bodyLength > bytesLeft) {
    const missing = metadataLength + bodyLength - bytesLeft;
    throw bodyInvalid(`it is cut short: ${missing} bytes of its last message are missing`, { missing });
  }
  const outside = buffers.some(({ offset, length }) => offset + length > bodyLength);
  if (outside) throw bodyInvalid("a buffer lies outside its message");
  // The size of compressed buffers is known only once they are decoded; `checkRows` checks again then.
  if (message.isCompressed) return;
  // A row count without the bytes for it would be allocated as announced. Every row has a symbol and a time.
  const bytesPerRow = message.kind === "recordBatch" ? 5 : message.kind === "dictionary" ? 4 : 0;
  const rowsMost = Math.max(message.rowCount, ...message.nodes.map(({ length }) => length));
  if (message.rowCount * bytesPerRow > bodyLength || rowsMost > bodyLength * 8) {
    throw bodyInvalid(`a message announces ${rowsMost} rows in ${bodyLength} bytes`);
  }
}

/** Throws if a column's buffers hold fewer rows than its message announced. */
export function checkRows(name: string, vector: Vector): void {
  for (const { type, length, values, valueOffsets } of vector.data) {
    const held = DataType.isBool(type)
      ? values.length * 8
      : DataType.isUtf8(type) || DataType.isLargeUtf8(type)
        ? valueOffsets.length - 1
        : DataType.isUtf8View(type)
          ? values.byteLength / 16
          : values.length;
    if (held >= length) continue;
    throw bodyInvalid(`the column ${JSON.stringify(name)} announces ${length} rows and holds ${held}`, {
      column: name,
    });
  }
}

/** The library keeps its codecs in a global table. */
function registerCodecs(): void {
  const decoders = {
    [CompressionType.LZ4_FRAME]: (bytes: Uint8Array) => decodeLz4Frame(bytes, BUFFER_BYTES_MAX),
    [CompressionType.ZSTD]: (bytes: Uint8Array) =>
      new Uint8Array(zstdDecompressSync(bytes, { maxOutputLength: BUFFER_BYTES_MAX })),
  };
  for (const type of [CompressionType.LZ4_FRAME, CompressionType.ZSTD] as const) {
    const known = compressionRegistry.get(type);
    if (known?.decode === undefined) compressionRegistry.set(type, { ...known, decode: decoders[type] });
  }
}

/** Bound of one decompressed buffer: a few bytes can announce any amount. */
const BUFFER_BYTES_MAX = 2 ** 30;
