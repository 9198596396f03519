import { QuiverError } from "../errors/index.ts";
import { decodeFileFooter, encodeFileFooter, FILE_START } from "./arrow-file.ts";
import {
  alignedLength,
  decodeMessage,
  encodeRecordBatchHeader,
  encodeSchemaMessage,
} from "./arrow-message.ts";
import type { ArrowSchema } from "./arrow-schema.ts";
import {
  COLUMN_BYTE_WIDTH,
  columnView,
  isColumnType,
  type ColumnArray,
  type ColumnType,
} from "./column-type.ts";

/**
 * A column file is an uncompressed Arrow IPC file with one column in one record batch, whose values start at a
 * multiple of 64:
 *
 *     header | values | validity, if any | footer
 *
 * The length of the header depends only on the column's name and type. A writer that knows neither the number of rows
 * nor whether there will be nulls can therefore leave `dataOffset` bytes free, write the values, compute the layout,
 * append validity and footer, and write the header into the gap. Booleans are stored as bytes 0 and 1 (Arrow `uint8`),
 * so that handlers can read them without unpacking; the field's metadata records that they are booleans. Strings are
 * stored as offsets followed by text.
 */
export interface ColumnFileSpec {
  readonly name: string;
  readonly type: ColumnType;
  readonly rowCount: number;
  /** Left out: the file has no validity bitmap and no nulls. */
  readonly nullCount?: number;
  /** For `utf8` only: the total size of all strings. */
  readonly textByteLength?: number;
}

export interface ColumnFileLayout {
  readonly header: Uint8Array;
  readonly footer: Uint8Array;
  readonly dataOffset: number;
  /** Size of the values without padding (for `utf8`: of the `rowCount + 1` offsets). */
  readonly dataByteLength: number;
  /** Position of the text of `utf8`; the end of the values for other types. */
  readonly textOffset: number;
  readonly validityOffset: number;
  /** 0 without a validity bitmap. */
  readonly validityByteLength: number;
  readonly footerOffset: number;
  readonly totalByteLength: number;
}

export interface ColumnFile {
  readonly name: string;
  readonly type: ColumnType;
  readonly rowCount: number;
  readonly nullCount: number;
  /** A view of the given bytes, never a copy; for `utf8`, the `rowCount + 1` offsets into `text`. */
  readonly data: ColumnArray;
  /** One bit per row, least significant first, 1 for a value; absent if there are no nulls. */
  readonly validity?: Uint8Array;
  readonly text?: Uint8Array;
}

/** The position of everything in a column file, with the bytes that surround the values. */
export function columnFileLayout(spec: ColumnFileSpec): ColumnFileLayout {
  const { name, type, rowCount, nullCount, textByteLength = 0 } = spec;
  const dataByteLength = type === "utf8" ? (rowCount + 1) * 4 : rowCount * COLUMN_BYTE_WIDTH[type];
  const validityByteLength = nullCount === undefined ? 0 : Math.ceil(rowCount / 8);
  // Arrow lists validity first; here it is stored last, because whether it is needed is known last.
  const { header, bodyLength, bufferOffsets } = encodeRecordBatchHeader({
    rowCount,
    nodes: [{ length: rowCount, nullCount: nullCount ?? 0 }],
    ...(type === "utf8"
      ? { bufferLengths: [validityByteLength, dataByteLength, textByteLength], bodyOrder: [1, 2, 0] }
      : { bufferLengths: [validityByteLength, dataByteLength], bodyOrder: [1, 0] }),
  });
  const schema = columnSchema(name, type);
  const schemaMessage = encodeSchemaMessage(schema, FILE_START.length);
  const batchOffset = FILE_START.length + schemaMessage.length;
  const dataOffset = batchOffset + header.length;
  const start = new Uint8Array(dataOffset);
  start.set(FILE_START);
  start.set(schemaMessage, FILE_START.length);
  start.set(header, batchOffset);
  const footer = encodeFileFooter(
    schema,
    [],
    [{ offset: batchOffset, metadataLength: header.length, bodyLength }],
  );
  const footerOffset = dataOffset + bodyLength;
  return {
    header: start,
    footer,
    dataOffset,
    dataByteLength,
    textOffset: dataOffset + alignedLength(dataByteLength),
    validityOffset: dataOffset + bufferOffsets[0]!,
    validityByteLength,
    footerOffset,
    totalByteLength: footerOffset + footer.length,
  };
}

/**
 * Reads the column of a complete column file, as views of `bytes` (a mapping, or the file read into memory). Throws
 * `column-file-invalid` if the bytes are not a complete column file; `path` is used only in that message.
 */
export function readColumnFile(bytes: Uint8Array, path = "the bytes given"): ColumnFile {
  const invalid = (problem: string) =>
    new QuiverError(
      "column-file-invalid",
      `Cannot read ${path} as a column file: ${problem}. ` +
        "Delete the spool directory while nothing runs; it is filled again from the datasets.",
      { path, byteLength: bytes.length },
    );
  try {
    return decodeColumnFile(bytes, invalid);
  } catch (error) {
    if (error instanceof RangeError) throw invalid(error.message);
    throw error;
  }
}

/** The key in the field's metadata that says which column type the Arrow type represents. */
const TYPE_KEY = "quiver.type";

function columnSchema(name: string, type: ColumnType): ArrowSchema {
  const arrowType = type === "bool" ? "uint8" : type;
  return { fields: [{ name, type: arrowType, nullable: true, metadata: { [TYPE_KEY]: type } }] };
}

function decodeColumnFile(bytes: Uint8Array, invalid: (problem: string) => QuiverError): ColumnFile {
  const { schema, recordBatches } = decodeFileFooter(bytes);
  const field = schema?.fields.length === 1 ? schema.fields[0] : undefined;
  const type = field?.metadata?.[TYPE_KEY];
  if (field === undefined || !isColumnType(type)) throw invalid("it was not written by Quiver");
  if ((type === "bool" ? "uint8" : type) !== field.type) {
    throw invalid(`its field is stored as ${field.type}, expected the storage of ${type}`);
  }
  const block = recordBatches.length === 1 ? recordBatches[0] : undefined;
  if (block === undefined) throw invalid(`it holds ${recordBatches.length} record batches, expected 1`);
  const message = decodeMessage(bytes, block.offset);
  const bufferCount = type === "utf8" ? 3 : 2;
  const node = message?.nodes[0];
  if (message?.kind !== "recordBatch" || node === undefined || message.buffers.length !== bufferCount) {
    throw invalid("its record batch is not of one column");
  }
  const start = block.offset + message.metadataLength;
  const [validity, data, text] = message.buffers.map(({ offset, length }) => ({
    offset: start + offset,
    length,
  }));
  const rowCount = message.rowCount;
  const isWhole =
    node.length === rowCount &&
    data!.length >= (type === "utf8" ? (rowCount + 1) * 4 : rowCount * COLUMN_BYTE_WIDTH[type]) &&
    (validity!.length === 0 ? node.nullCount === 0 : validity!.length * 8 >= rowCount) &&
    message.buffers.every((buffer) => start + buffer.offset + buffer.length <= bytes.length);
  if (!isWhole) throw invalid(`its buffers do not hold ${rowCount} rows`);
  if ((bytes.byteOffset + data!.offset) % 8 !== 0) {
    throw invalid(
      `its values start at byte ${bytes.byteOffset + data!.offset} of memory, expected a multiple of 8`,
    );
  }
  const view: ColumnArray = columnView(
    type === "utf8" ? "int32" : type,
    bytes.buffer,
    bytes.byteOffset + data!.offset,
    type === "utf8" ? rowCount + 1 : rowCount,
  );
  const slice = ({ offset, length }: { offset: number; length: number }) =>
    bytes.subarray(offset, offset + length);
  return {
    name: field.name,
    type,
    rowCount,
    nullCount: node.nullCount,
    data: view,
    ...(validity!.length === 0 ? {} : { validity: slice(validity!) }),
    ...(text === undefined ? {} : { text: slice(text) }),
  };
}
