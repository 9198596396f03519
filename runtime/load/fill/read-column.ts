import { readFileSync } from "node:fs";
import {
  allocateColumn,
  readColumnFile,
  type ColumnArray,
  type FixedWidthType,
} from "../../../shared/arrow/index.ts";
import type { LoadedColumn } from "../../../shared/protocol/row-set.ts";
import { bytesOf } from "./column-bytes.ts";

/** A complete column in memory. */
export interface WholeColumn {
  readonly type: FixedWidthType;
  readonly values: ColumnArray;
  /** One byte per row, 1 for a value; null if no value is missing. */
  readonly valid: Uint8Array | null;
}

/** Reads all parts of a loaded column; besides the column itself, one file at a time is in memory. */
export function readColumn({ parts, request }: LoadedColumn): WholeColumn {
  const rowCount = parts.reduce((sum, part) => sum + part.rowCount, 0);
  const type: FixedWidthType = request.type === "utf8" ? "int32" : request.type;
  const values = allocateColumn(type, rowCount);
  const bytes = bytesOf(values);
  let valid: Uint8Array | null = null;
  for (const part of parts) {
    const file = readColumnFile(readFileSync(part.path), part.path);
    const at = part.fileRow ?? 0;
    const own = file.data.subarray(at, at + part.rowCount);
    bytes.set(bytesOf(own), part.firstRow * values.BYTES_PER_ELEMENT);
    if (file.validity === undefined) continue;
    valid ??= new Uint8Array(rowCount).fill(1);
    for (let i = 0; i < part.rowCount; i++) {
      valid[part.firstRow + i] = (file.validity[(at + i) >> 3]! >> ((at + i) & 7)) & 1;
    }
  }
  return { type, values, valid };
}

/** The integers of a column as numbers; timestamps as microseconds, exact until the year 2255. */
export function toNumbers(values: ColumnArray): Int32Array | Float64Array {
  if (values instanceof Int32Array || values instanceof Float64Array) return values;
  if (!(values instanceof BigInt64Array)) return Float64Array.from(values);
  // Two halves per row, because a bigint would be allocated.
  const halves = new Int32Array(values.buffer, values.byteOffset, values.length * 2);
  const numbers = new Float64Array(values.length);
  for (let i = 0; i < numbers.length; i++) {
    numbers[i] = halves[2 * i + 1]! * 2 ** 32 + (halves[2 * i]! >>> 0);
  }
  return numbers;
}
