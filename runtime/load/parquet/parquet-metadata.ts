import { closeSync, fstatSync, openSync, readSync } from "node:fs";
import {
  readThriftStruct,
  thriftNumber,
  thriftStruct,
  thriftStructs,
  thriftText,
  type ThriftStruct,
} from "./thrift-reader.ts";

export type PhysicalType = "int32" | "int64" | "float" | "double" | "text" | "other";
export type Codec = "uncompressed" | "zstd" | "other";

/** The location of one column of one row group. */
export interface ColumnChunk {
  readonly codec: Codec;
  /** The first page, which may be the dictionary. */
  readonly offset: number;
  readonly byteLength: number;
  readonly valueCount: number;
  /** The smallest and largest value as bytes, if the writer recorded them. */
  readonly bounds: { readonly min: Uint8Array; readonly max: Uint8Array } | null;
}

export interface ParquetColumn {
  readonly name: string;
  readonly type: PhysicalType;
  readonly isOptional: boolean;
  /** Whether every page of every row group has an encoding and codec that `decodeColumn` knows. */
  readonly isReadable: boolean;
}

export interface RowGroup {
  readonly firstRow: number;
  readonly rowCount: number;
  /** In the order of `columns`. */
  readonly chunks: readonly ColumnChunk[];
}

export interface ParquetMetadata {
  readonly rowCount: number;
  readonly columns: readonly ParquetColumn[];
  readonly rowGroups: readonly RowGroup[];
}

/** Field numbers, types, codecs and encodings are from parquet.thrift. */
const PHYSICAL_TYPES: Readonly<Record<number, PhysicalType>> = {
  1: "int32",
  2: "int64",
  4: "float",
  5: "double",
  6: "text",
};
const CODECS: Readonly<Record<number, Codec>> = { 0: "uncompressed", 6: "zstd" };
/** PLAIN, PLAIN_DICTIONARY, RLE (levels), RLE_DICTIONARY. */
const ENCODINGS: ReadonlySet<number> = new Set([0, 2, 3, 8]);

const UNREADABLE: ColumnChunk = { codec: "other", offset: 0, byteLength: 0, valueCount: 0, bounds: null };
/** Converted types that do not change the meaning of a physical type: DATE, INT_32; TIMESTAMP_MICROS, INT_64; UTF8. */
const PLAIN_MEANINGS: Readonly<Record<PhysicalType, readonly number[]>> = {
  int32: [6, 17],
  int64: [10, 18],
  float: [],
  double: [],
  text: [0],
  other: [],
};

const TAIL_BYTES = 64 * 1024;
const MAGIC = "PAR1";

/**
 * Reads a file's footer. Throws a RangeError if the file is not Parquet; columns that cannot be decoded here are
 * marked unreadable.
 */
export function readParquetMetadata(path: string): ParquetMetadata {
  const fd = openSync(path, "r");
  try {
    const { size } = fstatSync(fd);
    // One read usually covers the whole footer.
    const tail = readRange(fd, Math.max(0, size - TAIL_BYTES), Math.min(size, TAIL_BYTES));
    if (size < 12 || new TextDecoder().decode(tail.subarray(-4)) !== MAGIC) {
      throw new RangeError(`${path} does not end like a Parquet file`);
    }
    const footerLength = new DataView(tail.buffer, tail.byteOffset + tail.length - 8).getUint32(0, true);
    if (footerLength > size - 12) throw new RangeError(`${path} has a footer longer than the file`);
    const footer =
      footerLength + 8 <= tail.length
        ? tail.subarray(tail.length - 8 - footerLength, tail.length - 8)
        : readRange(fd, size - 8 - footerLength, footerLength);
    return decodeMetadata(readThriftStruct(footer).struct, size);
  } finally {
    closeSync(fd);
  }
}

function readRange(fd: number, offset: number, byteLength: number): Uint8Array {
  const bytes = new Uint8Array(byteLength);
  let read = 0;
  while (read < byteLength) {
    const count = readSync(fd, bytes, read, byteLength - read, offset + read);
    if (count === 0) throw new RangeError(`the file ends at byte ${offset + read}`);
    read += count;
  }
  return bytes;
}

function decodeMetadata(file: ThriftStruct, fileLength: number): ParquetMetadata {
  const [root, ...elements] = thriftStructs(file, 2);
  // Only flat schemas are supported: a group anywhere makes everything unreadable.
  const isFlat =
    root !== undefined &&
    thriftNumber(root, 5) === elements.length &&
    elements.every((element) => element.get(5) === undefined);
  let firstRow = 0;
  const unknown = new Set<number>();
  const rowGroups = thriftStructs(file, 4).map((group): RowGroup => {
    const rowCount = thriftNumber(group, 3) ?? 0;
    const chunks = thriftStructs(group, 1).map((chunk, column) => {
      const decoded = decodeChunk(chunk, rowCount);
      if (
        decoded !== undefined &&
        !(decoded.offset >= 0 && decoded.offset + decoded.byteLength <= fileLength)
      ) {
        throw new RangeError(`column ${column} lies outside the file`);
      }
      if (decoded === undefined) unknown.add(column);
      return decoded ?? UNREADABLE;
    });
    const decoded = { firstRow, rowCount, chunks };
    firstRow += rowCount;
    return decoded;
  });
  const columns = elements.map((element, column): ParquetColumn => {
    const repetition = thriftNumber(element, 3);
    const type = PHYSICAL_TYPES[thriftNumber(element, 1) ?? -1] ?? "other";
    const meaning = thriftNumber(element, 6);
    return {
      name: thriftText(element.get(4)) ?? "",
      type: meaning === undefined || PLAIN_MEANINGS[type].includes(meaning) ? type : "other",
      isOptional: repetition === 1,
      isReadable: isFlat && (repetition === 0 || repetition === 1) && !unknown.has(column),
    };
  });
  return { rowCount: thriftNumber(file, 3) ?? 0, columns, rowGroups };
}

/** Undefined if its pages are of a kind that is not read here. */
function decodeChunk(chunk: ThriftStruct, rowCount: number): ColumnChunk | undefined {
  const meta = thriftStruct(chunk, 3);
  if (meta === undefined || chunk.get(1) !== undefined) return undefined;
  const encodings = meta.get(2);
  const codec = CODECS[thriftNumber(meta, 4) ?? -1];
  const valueCount = thriftNumber(meta, 5);
  const byteLength = thriftNumber(meta, 7);
  const dataOffset = thriftNumber(meta, 9);
  const dictionaryOffset = thriftNumber(meta, 11) ?? 0;
  const isKnown =
    Array.isArray(encodings) && encodings.every((encoding) => ENCODINGS.has(encoding as number));
  if (!isKnown || codec === undefined || byteLength === undefined || dataOffset === undefined)
    return undefined;
  // As many values as rows means no repetition.
  if (valueCount !== rowCount) return undefined;
  // Some writers record a dictionary offset of 0 when there is no dictionary.
  const offset = dictionaryOffset > 0 ? Math.min(dictionaryOffset, dataOffset) : dataOffset;
  return { codec, offset, byteLength, valueCount, bounds: boundsOf(thriftStruct(meta, 12)) };
}

/**
 * `min_value` and `max_value`; the older fields have no defined order. Long texts may be truncated, so they are left
 * out.
 */
function boundsOf(statistics: ThriftStruct | undefined): ColumnChunk["bounds"] {
  const max = statistics?.get(5);
  const min = statistics?.get(6);
  const isUsable =
    min instanceof Uint8Array && max instanceof Uint8Array && Math.max(min.length, max.length) <= 32;
  return isUsable ? { min: min.slice(), max: max.slice() } : null;
}
