import type { ColumnArray } from "../../../shared/arrow/index.ts";
import { bytesOf } from "./column-bytes.ts";

/** `result[i] = values[rows[i]]`; zero if the row is negative. */
export function gather(values: ColumnArray, rows: Int32Array): ColumnArray {
  if (values.BYTES_PER_ELEMENT === 8) {
    // As two halves, so that any bit pattern is preserved and no bigint is created.
    const from = new Int32Array(values.buffer, values.byteOffset, values.length * 2);
    const to = new Int32Array(rows.length * 2);
    for (let i = 0; i < rows.length; i++) {
      const row = rows[i]!;
      if (row < 0) continue;
      to[2 * i] = from[2 * row]!;
      to[2 * i + 1] = from[2 * row + 1]!;
    }
    return values instanceof BigInt64Array ? new BigInt64Array(to.buffer) : new Float64Array(to.buffer);
  }
  if (values instanceof Uint8Array) return gatherBytes(values, rows);
  const from = new Int32Array(values.buffer, values.byteOffset, values.length);
  const to = new Int32Array(rows.length);
  for (let i = 0; i < rows.length; i++) if (rows[i]! >= 0) to[i] = from[rows[i]!]!;
  return values instanceof Float32Array ? new Float32Array(to.buffer) : to;
}

export function gatherBytes(values: Uint8Array, rows: Int32Array): Uint8Array {
  const to = new Uint8Array(rows.length);
  for (let i = 0; i < rows.length; i++) if (rows[i]! >= 0) to[i] = values[rows[i]!]!;
  return to;
}

/** The validity of gathered rows: a negative row has no value. Null if every row has one. */
export function gatherValid(valid: Uint8Array | null, rows: Int32Array): Uint8Array | null {
  let missing = 0;
  const to = new Uint8Array(rows.length);
  for (let i = 0; i < rows.length; i++) {
    const row = rows[i]!;
    const isValid = row >= 0 && (valid === null || valid[row] === 1);
    to[i] = isValid ? 1 : 0;
    if (!isValid) missing++;
  }
  return missing === 0 ? null : bytesOf(to);
}
