import { expandIndices, expandPairs, type Expandable } from "./hybrid-runs.ts";
import type { ColumnChunk, ParquetColumn } from "./parquet-metadata.ts";
import { readPages, type Page } from "./read-pages.ts";

/** The values of a column chunk in their stored type, zero where one is missing; eight-byte integers as two halves. */
export interface DecodedColumn {
  readonly values: Expandable;
  /** One byte per row, 1 for a value; null if no value is missing. */
  readonly valid: Uint8Array | null;
}

/** Decodes the bytes of one numeric column chunk. */
export function decodeColumn(bytes: Uint8Array, column: ParquetColumn, chunk: ColumnChunk): DecodedColumn {
  let decoded: DecodedColumn | undefined;
  let dictionary: Expandable | undefined;
  let row = 0;
  for (const page of readPages(bytes, column, chunk)) {
    if (page.kind === "dictionary") {
      dictionary = viewOf(column, page.bytes, 0, page.bytes.length);
      continue;
    }
    if (page.kind === "indices" && dictionary === undefined) {
      throw new RangeError("indices without a dictionary");
    }
    const { start, count, valid } = page;
    if (page.kind === "plain" && valid === null && count === chunk.valueCount) {
      // A single page of plain values without nulls: the decompressed bytes are the column.
      return { values: viewOf(column, page.bytes, start, count * widthOf(column)), valid: null };
    }
    decoded ??= { values: allocate(column, chunk.valueCount), valid: null };
    if (valid !== null && decoded.valid === null) {
      decoded = { ...decoded, valid: new Uint8Array(chunk.valueCount).fill(1) };
    }
    fillPage(column, page, page.kind === "plain" ? undefined : dictionary, decoded, row);
    row += count;
  }
  return decoded ?? { values: allocate(column, 0), valid: null };
}

type DataPage = Exclude<Page, { readonly kind: "dictionary" }>;

/** A page contains only present values: if there are nulls, the values are spread out afterwards. */
function fillPage(
  column: ParquetColumn,
  page: DataPage,
  dictionary: Expandable | undefined,
  { values, valid }: DecodedColumn,
  row: number,
): void {
  if (page.valid === null) {
    decodeValues(column, page, dictionary, page.count, values, row);
    return;
  }
  valid!.set(page.valid, row);
  let there = 0;
  for (const bit of page.valid) there += bit;
  const dense = allocate(column, there);
  if (there > 0) decodeValues(column, page, dictionary, there, dense, 0);
  const halves = column.type === "int64" ? 2 : 1;
  for (let i = 0, next = 0; i < page.count; i++) {
    if (page.valid[i] === 0) continue;
    for (let half = 0; half < halves; half++) values[(row + i) * halves + half] = dense[next++]!;
  }
}

function decodeValues(
  column: ParquetColumn,
  { bytes, start }: DataPage,
  dictionary: Expandable | undefined,
  count: number,
  target: Expandable,
  at: number,
): void {
  if (dictionary === undefined) {
    const halves = column.type === "int64" ? 2 : 1;
    target.set(viewOf(column, bytes, start, count * widthOf(column)), at * halves);
    return;
  }
  const bitWidth = bytes[start];
  if (bitWidth === undefined) throw new RangeError("a page ends before its values");
  if (column.type !== "int64") expandIndices(bytes, start + 1, bitWidth, count, dictionary, target, at);
  else if (dictionary instanceof Int32Array && target instanceof Int32Array) {
    expandPairs(bytes, start + 1, bitWidth, count, dictionary, target, at);
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

/** Returns plain values as a view, or as a copy if they are not aligned to the elements of an array. */
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
