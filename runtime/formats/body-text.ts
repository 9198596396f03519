import { DataType, type Data, type Vector } from "apache-arrow";
import { messageOf } from "../../shared/errors/index.ts";
import { bodyInvalid, checkRows } from "./open-arrow-body.ts";

/** A text column as codes into its sorted strings, -1 for null. */
export interface CodedText {
  readonly codes: Int32Array;
  readonly labels: readonly string[];
}

/**
 * Encodes a column of strings in any of Arrow's layouts: plain, large, view, or dictionary with any index. Labels
 * are sorted by code point, as in DuckDB. Undefined if the column holds something else.
 */
export function codeText(name: string, vector: Vector): CodedText | undefined {
  const type: DataType = DataType.isDictionary(vector.type) ? vector.type.dictionary : vector.type;
  const isText = DataType.isUtf8(type) || DataType.isLargeUtf8(type) || DataType.isUtf8View(type);
  if (!isText) return undefined;
  checkRows(name, vector);
  const found = new Map<string, number>();
  const codeOf = (text: string) => {
    let code = found.get(text);
    if (code === undefined) found.set(text, (code = found.size));
    return code;
  };
  const codes = new Int32Array(vector.length);
  let row = 0;
  for (const chunk of vector.data) {
    const target = codes.subarray(row, row + chunk.length);
    if (DataType.isDictionary(chunk.type)) codeDictionary(name, chunk, target, codeOf);
    else if (DataType.isUtf8(chunk.type)) codeRuns(name, chunk, target, codeOf);
    else codeValues(name, vector, row, target, codeOf);
    row += chunk.length;
  }
  // A dictionary may hold strings that no row uses.
  const isUsed = new Uint8Array(found.size);
  for (const code of codes) if (code >= 0) isUsed[code] = 1;
  const used = [...found.keys()].filter((_, code) => isUsed[code] === 1);
  const labels = used.toSorted(byCodePoint);
  const place = new Int32Array(found.size);
  labels.forEach((label, index) => (place[found.get(label)!] = index));
  for (let index = 0; index < codes.length; index++)
    if (codes[index]! >= 0) codes[index] = place[codes[index]!]!;
  return { codes, labels };
}

/** Strings in the order of their code points, which is the order of their UTF-8 bytes. */
function byCodePoint(a: string, b: string): number {
  return Buffer.compare(Buffer.from(a), Buffer.from(b));
}

function codeDictionary(
  name: string,
  chunk: Data,
  target: Int32Array,
  codeOf: (text: string) => number,
): void {
  const { dictionary } = chunk;
  const labels: unknown[] = dictionary === undefined ? [] : decoded(name, () => [...dictionary]);
  const codes = labels.map((label) => (typeof label === "string" ? codeOf(label) : -1));
  const indices: ArrayLike<number | bigint> = chunk.values;
  for (let row = 0; row < target.length; row++) {
    const code = chunk.getValid(row) ? codes[Number(indices[row])] : -1;
    if (code === undefined) {
      throw bodyInvalid(
        `row ${row} of the column ${JSON.stringify(name)} refers to entry ${indices[row]} of a dictionary with ${codes.length}`,
        { column: name, row },
      );
    }
    target[row] = code;
  }
}

/** Symbols come in runs: a string equal to the previous one needs neither decoding nor a look-up. */
function codeRuns(name: string, chunk: Data, target: Int32Array, codeOf: (text: string) => number): void {
  const text: Uint8Array = chunk.values;
  const offsets: Int32Array = chunk.valueOffsets;
  let lastStart = -1;
  let lastLength = -1;
  let lastCode = -1;
  for (let row = 0; row < target.length; row++) {
    if (!chunk.getValid(row)) {
      target[row] = -1;
      continue;
    }
    const start = offsets[row]!;
    const length = offsets[row + 1]! - start;
    if (start < 0 || length < 0 || start + length > text.length) {
      throw bodyInvalid(`row ${row} of the column ${JSON.stringify(name)} lies outside its text`, {
        column: name,
        row,
      });
    }
    if (length !== lastLength || !isEqualRun(text, lastStart, start, length)) {
      lastCode = codeOf(decoder.decode(text.subarray(start, start + length)));
      lastStart = start;
      lastLength = length;
    }
    target[row] = lastCode;
  }
}

function codeValues(
  name: string,
  vector: Vector,
  firstRow: number,
  target: Int32Array,
  codeOf: (text: string) => number,
): void {
  for (let row = 0; row < target.length; row++) {
    const value: unknown = decoded(name, () => vector.get(firstRow + row));
    target[row] = typeof value === "string" ? codeOf(value) : -1;
  }
}

/** The library throws when strings lie outside their text; that is an error in the body. */
function decoded<T>(name: string, read: () => T): T {
  try {
    return read();
  } catch (error) {
    const reason = messageOf(error);
    throw bodyInvalid(
      `a string of the column ${JSON.stringify(name)} does not decode (${reason})`,
      { column: name },
      error,
    );
  }
}

function isEqualRun(bytes: Uint8Array, a: number, b: number, length: number): boolean {
  for (let index = 0; index < length; index++) if (bytes[a + index] !== bytes[b + index]) return false;
  return true;
}

const decoder = new TextDecoder();
