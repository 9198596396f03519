import { expandIndices } from "./hybrid-runs.ts";
import type { ColumnChunk, ParquetColumn } from "./parquet-metadata.ts";
import { readPages } from "./read-pages.ts";

/** Finds the code of a text by its bytes; -1 if it has none. */
export interface Coder {
  codeOf(bytes: Uint8Array, start: number, end: number): number;
}

/**
 * Creates a coder for texts in code-point order, which is also the order of their bytes. Rows of a file are in the
 * same order, so the next text is nearly always the previous one or its successor: nothing is hashed and no string is
 * created.
 */
export function createCoder(ascending: readonly string[]): Coder {
  const encoder = new TextEncoder();
  const texts = ascending.map((text) => encoder.encode(text));
  let last = 0;
  return {
    codeOf(bytes, start, end) {
      if (equals(bytes, start, end, texts[last])) return last;
      if (equals(bytes, start, end, texts[last + 1])) return ++last;
      const at = lowerBound(texts, bytes, start, end);
      if (!equals(bytes, start, end, texts[at])) return -1;
      last = at;
      return at;
    },
  };
}

/** Decodes the texts of a column chunk to codes. Throws a RangeError if one is missing. */
export function decodeCodes(
  bytes: Uint8Array,
  column: ParquetColumn,
  chunk: ColumnChunk,
  coder: Coder,
): Int32Array {
  const codes = new Int32Array(chunk.valueCount);
  let dictionary: Int32Array | undefined;
  let row = 0;
  for (const page of readPages(bytes, column, chunk)) {
    if (page.kind === "dictionary") {
      dictionary = new Int32Array(countTexts(page.bytes));
      putCodes(page.bytes, 0, dictionary, 0, dictionary.length, coder);
      continue;
    }
    if (page.valid !== null) throw new RangeError(`a null in column ${column.name}`);
    if (page.kind === "plain") {
      putCodes(page.bytes, page.start, codes, row, page.count, coder);
    } else {
      const bitWidth = page.bytes[page.start];
      if (dictionary === undefined || bitWidth === undefined)
        throw new RangeError("indices without a dictionary");
      expandIndices(page.bytes, page.start + 1, bitWidth, page.count, dictionary, codes, row);
    }
    row += page.count;
  }
  return codes;
}

/** Reads plain text values: four bytes of length, then the text. */
function putCodes(
  bytes: Uint8Array,
  start: number,
  target: Int32Array,
  at: number,
  count: number,
  coder: Coder,
): void {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  let position = start;
  for (let i = 0; i < count; i++) {
    const from = position + 4;
    position = from + view.getUint32(position, true);
    if (position > bytes.length) throw new RangeError("a page ends within its texts");
    target[at + i] = coder.codeOf(bytes, from, position);
  }
}

function countTexts(bytes: Uint8Array): number {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  let count = 0;
  for (let position = 0; position < bytes.length; count++) position += 4 + view.getUint32(position, true);
  return count;
}

/** Compares from the end, where neighbours in sort order differ. */
function equals(bytes: Uint8Array, start: number, end: number, text: Uint8Array | undefined): boolean {
  if (text === undefined || end - start !== text.length) return false;
  for (let i = text.length - 1; i >= 0; i--) if (bytes[start + i] !== text[i]) return false;
  return true;
}

/** Compares the bytes of two texts: negative, zero or positive. */
function compare(bytes: Uint8Array, start: number, end: number, text: Uint8Array): number {
  const length = Math.min(end - start, text.length);
  for (let i = 0; i < length; i++) {
    const difference = bytes[start + i]! - text[i]!;
    if (difference !== 0) return difference;
  }
  return end - start - text.length;
}

/** The position of the first text that is not before the given one. */
function lowerBound(texts: readonly Uint8Array[], bytes: Uint8Array, start: number, end: number): number {
  let low = 0;
  let high = texts.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (compare(bytes, start, end, texts[middle]!) > 0) low = middle + 1;
    else high = middle;
  }
  return low;
}
