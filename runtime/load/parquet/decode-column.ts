import { zstdDecompressSync } from "node:zlib";
import { bytesOf } from "../fill/column-bytes.ts";
import { expandIndices, expandLevels, expandPairs, type Expandable } from "./hybrid-runs.ts";
import type { ColumnChunk, ParquetColumn } from "./parquet-metadata.ts";
import { readThriftStruct, thriftNumber, thriftStruct } from "./thrift-reader.ts";

/** Values of a column chunk in their stored type, zero where one is missing; eight-byte integers as two halves. */
export interface DecodedColumn {
  readonly values: Expandable;
  /** One byte a row, 1 for a value; null when no value is missing. */
  readonly valid: Uint8Array | null;
}

/** A page that is not damaged, but of a kind that is left to DuckDB. Told apart by name: it crosses threads. */
export class UnreadablePage extends Error {
  override readonly name = "UnreadablePage";
}

/** Numbers of parquet.thrift. */
const DATA_PAGE = 0;
const DICTIONARY_PAGE = 2;
const PLAIN = 0;
const DICTIONARY_ENCODINGS: ReadonlySet<number> = new Set([2, 8]);

/**
 * Decodes the bytes of one column chunk. Throws a RangeError when they are damaged, or of a kind that
 * `ParquetColumn.isReadable` does not promise.
 */
export function decodeColumn(bytes: Uint8Array, column: ParquetColumn, chunk: ColumnChunk): DecodedColumn {
  let decoded: DecodedColumn | undefined;
  let dictionary: Expandable | undefined;
  let row = 0;
  let position = 0;
  while (row < chunk.valueCount) {
    const { struct: header, end } = readThriftStruct(bytes, position);
    const byteLength = thriftNumber(header, 2) ?? -1;
    const stored = bytes.subarray(end, end + (thriftNumber(header, 3) ?? 0));
    position = end + stored.length;
    const pageType = thriftNumber(header, 1);
    if (pageType !== DATA_PAGE && pageType !== DICTIONARY_PAGE) {
      throw new UnreadablePage(`a page of type ${pageType}`);
    }
    // Values, levels and run headers of a page can never be more; damage must not make us ask for gigabytes.
    if (byteLength < 0 || byteLength > chunk.valueCount * 9 + 4096) {
      throw new RangeError(`a page of ${byteLength} bytes for ${chunk.valueCount} values`);
    }
    const page = decompressed(stored, chunk, byteLength);
    if (pageType === DICTIONARY_PAGE) {
      dictionary = viewOf(column, page, 0, page.length);
      continue;
    }
    const data = thriftStruct(header, 5);
    const count = data === undefined ? 0 : (thriftNumber(data, 1) ?? 0);
    if (data === undefined || count < 1 || row + count > chunk.valueCount) {
      throw new RangeError(`a page of ${count} values`);
    }
    const { valid, start } = levelsOf(column, page, count);
    const encoding = thriftNumber(data, 2) ?? -1;
    const isPlain = encoding === PLAIN;
    if (!isPlain && !DICTIONARY_ENCODINGS.has(encoding)) throw new UnreadablePage(`an encoding ${encoding}`);
    if (!isPlain && dictionary === undefined) throw new RangeError("indices without a dictionary");
    if (isPlain && valid === null && count === chunk.valueCount) {
      // One page of plain values without nulls: what was decompressed is the column.
      return { values: viewOf(column, page, start, count * widthOf(column)), valid: null };
    }
    decoded ??= { values: allocate(column, chunk.valueCount), valid: null };
    if (valid !== null && decoded.valid === null) {
      decoded = { ...decoded, valid: new Uint8Array(chunk.valueCount).fill(1) };
    }
    fillPage(
      { column, page, start, count, valid, dictionary: isPlain ? undefined : dictionary },
      decoded,
      row,
    );
    row += count;
  }
  return decoded ?? { values: allocate(column, 0), valid: null };
}

interface Page {
  readonly column: ParquetColumn;
  readonly page: Uint8Array;
  readonly start: number;
  readonly count: number;
  readonly valid: Uint8Array | null;
  readonly dictionary: Expandable | undefined;
}

/** A page holds only the values that are there: with nulls among them they are spread out afterwards. */
function fillPage(page: Page, { values, valid }: DecodedColumn, row: number): void {
  if (page.valid === null) {
    decodeValues(page, page.count, values, row);
    return;
  }
  valid!.set(page.valid, row);
  let there = 0;
  for (const bit of page.valid) there += bit;
  const dense = allocate(page.column, there);
  if (there > 0) decodeValues(page, there, dense, 0);
  const halves = page.column.type === "int64" ? 2 : 1;
  for (let i = 0, next = 0; i < page.count; i++) {
    if (page.valid[i] === 0) continue;
    for (let half = 0; half < halves; half++) values[(row + i) * halves + half] = dense[next++]!;
  }
}

function decodeValues(
  { column, page, start, dictionary }: Page,
  count: number,
  target: Expandable,
  at: number,
): void {
  if (dictionary === undefined) {
    const halves = column.type === "int64" ? 2 : 1;
    target.set(viewOf(column, page, start, count * widthOf(column)), at * halves);
    return;
  }
  const bitWidth = page[start];
  if (bitWidth === undefined) throw new RangeError("a page ends before its values");
  if (column.type !== "int64") expandIndices(page, start + 1, bitWidth, count, dictionary, target, at);
  else if (dictionary instanceof Int32Array && target instanceof Int32Array) {
    expandPairs(page, start + 1, bitWidth, count, dictionary, target, at);
  }
}

/** Definition levels of a page and where its values start. */
function levelsOf(
  column: ParquetColumn,
  page: Uint8Array,
  count: number,
): { valid: Uint8Array | null; start: number } {
  if (!column.isOptional) return { valid: null, start: 0 };
  const byteLength = new DataView(page.buffer, page.byteOffset, page.byteLength).getUint32(0, true);
  if (byteLength + 4 > page.length) throw new RangeError("a page ends within its levels");
  return { valid: expandLevels(page, 4, count), start: 4 + byteLength };
}

function decompressed(stored: Uint8Array, { codec }: ColumnChunk, byteLength: number): Uint8Array {
  const bytes = codec === "uncompressed" ? stored : unzstd(stored, byteLength);
  if (bytes.length !== byteLength) {
    throw new RangeError(`a page of ${bytes.length} bytes, expected ${byteLength}`);
  }
  return bytes;
}

/** In one piece: by default the result is put together from pieces of 16 KiB. Not as a `Buffer`: its slice is no copy. */
function unzstd(stored: Uint8Array, byteLength: number): Uint8Array {
  const options = { chunkSize: Math.max(1024, byteLength), maxOutputLength: Math.max(1, byteLength) };
  try {
    return bytesOf(zstdDecompressSync(stored, options));
  } catch (error) {
    throw new RangeError(
      `a page cannot be decompressed: ${error instanceof Error ? error.message : String(error)}`,
    );
  }
}

function widthOf({ type }: ParquetColumn): 4 | 8 {
  return type === "int32" || type === "float" ? 4 : 8;
}

function allocate({ type }: ParquetColumn, count: number): Expandable {
  if (type === "float") return new Float32Array(count);
  if (type === "double") return new Float64Array(count);
  return new Int32Array(type === "int64" ? count * 2 : count);
}

/** Plain values in place, or copied where they start between the elements of an array. */
function viewOf(column: ParquetColumn, page: Uint8Array, start: number, byteLength: number): Expandable {
  if (start + byteLength > page.length) throw new RangeError("a page ends within its values");
  let { buffer, byteOffset } = page;
  byteOffset += start;
  if (byteOffset % widthOf(column) !== 0) {
    buffer = page.slice(start, start + byteLength).buffer;
    byteOffset = 0;
  }
  const length = byteLength / widthOf(column);
  if (column.type === "float") return new Float32Array(buffer, byteOffset, length);
  if (column.type === "double") return new Float64Array(buffer, byteOffset, length);
  return new Int32Array(buffer, byteOffset, byteLength / 4);
}
