import type { ColumnType } from "../../../shared/arrow/index.ts";
import { bytesOf } from "../fill/column-bytes.ts";
import type { DecodedColumn } from "./decode-column.ts";
import type { ParquetColumn, PhysicalType } from "./parquet-metadata.ts";

/** The converted values of a decoded chunk: the bytes of rows `from` to `end`, and which of them are present. */
export interface ConvertedRows {
  /** Valid until the next conversion: a view of the chunk, or of a reused buffer. */
  readonly bytes: Uint8Array;
  readonly valid: Uint8Array | null;
}

export type Converter = (decoded: DecodedColumn, from: number, end: number) => ConvertedRows;

/** The physical Parquet type of the stored types that are read without DuckDB. */
const STORED_AS: Partial<Readonly<Record<ColumnType, PhysicalType>>> = {
  float32: "float",
  float64: "double",
  int32: "int32",
  date32: "int32",
  int64: "int64",
  timestamp: "int64",
};

const SAME_BITS: Partial<Readonly<Record<ColumnType, readonly ColumnType[]>>> = {
  float32: ["float32"],
  float64: ["float64"],
  int32: ["int32"],
  date32: ["date32", "int32"],
  int64: ["int64"],
  timestamp: ["timestamp", "int64"],
};

/** A converter for what can be read without DuckDB; undefined for anything else. */
export function converterFor(
  column: ParquetColumn | undefined,
  stored: ColumnType,
  wanted: ColumnType,
): Converter | undefined {
  if (column === undefined || !column.isReadable || column.type !== STORED_AS[stored]) return undefined;
  if (SAME_BITS[stored]?.includes(wanted) === true) {
    return wanted === "float32" || wanted === "float64" ? sameFloats() : sameIntegers(column.type);
  }
  if (wanted !== "float64") return undefined;
  return stored === "int64" || stored === "timestamp" ? pairsToDoubles() : toDoubles();
}

/** Passes integers unchanged; missing ones are zero and marked in `valid`. */
function sameIntegers(type: PhysicalType): Converter {
  const halves = type === "int64" ? 2 : 1;
  return ({ values, valid }, from, end) => ({
    bytes: bytesOf(values.subarray(from * halves, end * halves)),
    valid: valid?.subarray(from, end) ?? null,
  });
}

/** Passes floats unchanged; missing ones become NaN in place. */
function sameFloats(): Converter {
  return ({ values, valid }, from, end) => {
    const rows = values.subarray(from, end);
    if (valid !== null) for (let i = 0; i < rows.length; i++) if (valid[from + i] === 0) rows[i] = Number.NaN;
    return { bytes: bytesOf(rows), valid: null };
  };
}

function toDoubles(): Converter {
  const buffer = createDoubles();
  return ({ values, valid }, from, end) => {
    const doubles = buffer(end - from);
    doubles.set(values.subarray(from, end));
    return { bytes: bytesOf(withNaN(doubles, valid, from)), valid: null };
  };
}

/** Exact up to 2^53 and beyond that rounded only once, because the high half times 2^32 is exact. */
function pairsToDoubles(): Converter {
  const buffer = createDoubles();
  return ({ values, valid }, from, end) => {
    const doubles = buffer(end - from);
    for (let i = 0; i < doubles.length; i++) {
      doubles[i] = values[2 * (from + i) + 1]! * 2 ** 32 + (values[2 * (from + i)]! >>> 0);
    }
    return { bytes: bytesOf(withNaN(doubles, valid, from)), valid: null };
  };
}

function withNaN(doubles: Float64Array, valid: Uint8Array | null, from: number): Float64Array {
  if (valid !== null)
    for (let i = 0; i < doubles.length; i++) if (valid[from + i] === 0) doubles[i] = Number.NaN;
  return doubles;
}

/** One buffer for all row groups, because new memory costs more than writing into it. */
function createDoubles(): (length: number) => Float64Array {
  let held = new Float64Array(0);
  return (length) => {
    if (held.length < length) held = new Float64Array(length);
    return held.subarray(0, length);
  };
}
