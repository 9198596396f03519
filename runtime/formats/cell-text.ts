import type { ArrowType } from "../../shared/arrow/index.ts";
import { isValidAt, type ColumnBuffers } from "./result-batch.ts";

/** How a text format writes each kind of value; the caller handles `null`. */
export interface CellStyle {
  /** A finite or infinite number, or NaN. */
  readonly float: (value: number) => string;
  readonly float32: (value: number) => string;
  readonly int64: (value: bigint) => string;
  readonly bool: (value: boolean) => string;
  readonly text: (value: string) => string;
  /** An ISO date or instant. */
  readonly time: (iso: string) => string;
  readonly null: string;
}

export type CellWriter = (row: number) => string;

/**
 * Returns a function that gives the text of each row of a column. `labels` are the strings of a `dictionary`
 * column.
 */
export function cellWriter(
  type: ArrowType,
  column: ColumnBuffers,
  rowCount: number,
  style: CellStyle,
  labels: readonly string[],
): CellWriter {
  const write = valueWriter(type, column, rowCount, style, labels);
  if (column.nullCount === 0) return write;
  return (row) => (isValidAt(column, row) ? write(row) : style.null);
}

function valueWriter(
  type: ArrowType,
  { values, text }: ColumnBuffers,
  rowCount: number,
  style: CellStyle,
  labels: readonly string[],
): CellWriter {
  const { buffer, byteOffset } = values;
  switch (type) {
    case "float64": {
      const array = new Float64Array(buffer, byteOffset, rowCount);
      return (row) => style.float(array[row]!);
    }
    case "float32": {
      const array = new Float32Array(buffer, byteOffset, rowCount);
      return (row) => style.float32(array[row]!);
    }
    case "int32": {
      const array = new Int32Array(buffer, byteOffset, rowCount);
      return (row) => String(array[row]!);
    }
    case "uint8":
      return (row) => String(values[row]!);
    case "int64": {
      const array = new BigInt64Array(buffer, byteOffset, rowCount);
      return (row) => style.int64(array[row]!);
    }
    case "bool":
      return (row) => style.bool(((values[row >> 3]! >> (row & 7)) & 1) === 1);
    case "utf8": {
      const read = textReader(new Int32Array(buffer, byteOffset, rowCount + 1), text ?? new Uint8Array(0));
      return (row) => style.text(read(row));
    }
    case "dictionary": {
      const codes = new Int32Array(buffer, byteOffset, rowCount);
      const written = labels.map(style.text);
      return (row) => written[codes[row]!]!;
    }
    case "date32": {
      const array = new Int32Array(buffer, byteOffset, rowCount);
      const written = new Map<number, string>();
      return (row) => {
        const days = array[row]!;
        let iso = written.get(days);
        if (iso === undefined) written.set(days, (iso = style.time(isoDate(days))));
        return iso;
      };
    }
    case "timestamp": {
      const array = new BigInt64Array(buffer, byteOffset, rowCount);
      return (row) => style.time(isoInstant(array[row]!));
    }
  }
}

/** Reads strings from Arrow's offsets and text. Pure ASCII text is decoded once and then sliced. */
function textReader(offsets: Int32Array, text: Uint8Array): (row: number) => string {
  const used = text.subarray(0, offsets.at(-1));
  const whole = decoder.decode(used);
  if (whole.length === used.length) return (row) => whole.slice(offsets[row], offsets[row + 1]);
  return (row) => decoder.decode(text.subarray(offsets[row], offsets[row + 1]));
}

/** `2024-03-08`; DuckDB's infinite dates become `infinity` and `-infinity`. */
export function isoDate(days: number): string {
  if (Math.abs(days) >= 2_147_483_647) return days > 0 ? "infinity" : "-infinity";
  const date = new Date(days * 86_400_000);
  return Number.isNaN(date.getTime()) ? `${days} days since 1970-01-01` : date.toISOString().slice(0, -14);
}

/** `2024-03-08T14:30:00Z`, with three or six decimals of the second unless they are zero. */
export function isoInstant(micros: bigint): string {
  if (micros >= 9_223_372_036_854_775_806n) return "infinity";
  if (micros <= -9_223_372_036_854_775_807n) return "-infinity";
  let sub = Number(micros % 1_000_000n);
  if (sub < 0) sub += 1_000_000;
  const date = new Date((Number(micros) - sub) / 1000);
  if (Number.isNaN(date.getTime())) return `${micros} microseconds since 1970-01-01`;
  const seconds = date.toISOString().slice(0, -5);
  if (sub === 0) return `${seconds}Z`;
  const digits = String(sub).padStart(6, "0");
  return `${seconds}.${sub % 1000 === 0 ? digits.slice(0, 3) : digits}Z`;
}

/** The shortest decimal that reads back as the same float32: 95.23, not 95.2300033569336. */
export function shortestFloat32(value: number): string {
  if (Number.isInteger(value) && Math.abs(value) < 1e21) return String(value);
  for (let digits = 6; digits <= 9; digits++) {
    const text = value.toPrecision(digits);
    if (Math.fround(Number(text)) === value) return String(Number(text));
  }
  return String(value);
}

const decoder = new TextDecoder();
