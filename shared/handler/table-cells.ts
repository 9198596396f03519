import type { ColumnType } from "../contract/columns.ts";
import type { ArrowTable } from "../contract/definition.ts";
import type { ResolvedColumn } from "../contract/describe.ts";

/** One value of a table function's result; null means null. */
export type Cell = number | bigint | string | boolean | null;

/** Creates the error for a problem with a column. */
type Broken = (problem: string) => Error;

const ARRAYS: Readonly<Record<ColumnType, string>> = {
  float64: "Float64Array",
  float32: "Float32Array",
  int32: "Int32Array",
  int64: "BigInt64Array",
  bool: "Uint8Array",
  date32: "Int32Array",
  timestamp: "BigInt64Array",
  utf8: "Array",
};

/**
 * The cells of one returned column, given as a typed array of the declared type, as `{ values, valid }` of one, or as
 * a plain array of values. Anything else is refused through `broken`.
 */
export function cellsOf(output: ResolvedColumn, given: unknown, broken: Broken): readonly Cell[] {
  if (Array.isArray(given)) return given.map((value, row) => checkedCell(output, value, row, broken));
  if (typeof given === "object" && given !== null && "values" in given && "valid" in given) {
    const cells = arrayCells(output, given.values, broken);
    const { valid } = given;
    if (!(valid instanceof Uint8Array) || valid.length !== cells.length) {
      throw broken(
        `returned \`valid\` of ${JSON.stringify(output.name)} that is not a Uint8Array of the same length as its values`,
      );
    }
    return cells.map((cell, row) => (valid[row] === 0 ? null : cell));
  }
  return arrayCells(output, given, broken);
}

/** The cells of a column of an Arrow table, read through its vector. */
export function arrowCells(output: ResolvedColumn, table: ArrowTable, broken: Broken): readonly Cell[] {
  const vector = table.getChild(output.name);
  return Array.from({ length: table.numRows }, (_, row) =>
    checkedCell(output, fromArrow(output.type, vector?.get(row)), row, broken),
  );
}

function arrayCells(output: ResolvedColumn, given: unknown, broken: Broken): readonly Cell[] {
  const expected = ARRAYS[output.type];
  if (!ArrayBuffer.isView(given) || given.constructor.name !== expected || output.type === "utf8") {
    throw broken(
      `returned ${describe(given)} as the column ${JSON.stringify(output.name)}, ` +
        `expected ${output.type === "utf8" ? "an array of strings" : `a ${expected} (${output.type})`}`,
    );
  }
  if (given instanceof BigInt64Array) return Array.from(given);
  if (given instanceof Float64Array || given instanceof Float32Array) return Array.from(given);
  if (given instanceof Int32Array || given instanceof Uint8Array) return Array.from(given);
  return [];
}

function checkedCell(output: ResolvedColumn, value: unknown, row: number, broken: Broken): Cell {
  if (value === null || value === undefined) return null;
  if (isOfType(output.type, value)) return value;
  throw broken(
    `returned ${describe(value)} in row ${row} of the column ${JSON.stringify(output.name)}, expected ${output.type}`,
  );
}

function isOfType(type: ColumnType, value: unknown): value is Exclude<Cell, null> {
  switch (type) {
    case "utf8":
      return typeof value === "string";
    case "bool":
      return typeof value === "boolean";
    case "int64":
    case "timestamp":
      return typeof value === "bigint" && BigInt.asIntN(64, value) === value;
    case "int32":
    case "date32":
      return typeof value === "number" && (value | 0) === value;
    case "float64":
    case "float32":
      return typeof value === "number";
  }
}

/**
 * Arrow's reader gives dates and timestamps in milliseconds. A number of days never reaches that magnitude, which
 * tells the two apart.
 */
function fromArrow(type: ColumnType, value: unknown): unknown {
  const number = value instanceof Date ? value.getTime() : value;
  if (typeof number !== "number") return number;
  if (type === "timestamp") return BigInt(Math.round(number * 1000));
  if (type === "int64" && Number.isSafeInteger(number)) return BigInt(number);
  if (type === "date32" && Math.abs(number) > 10_000_000) return Math.floor(number / 86_400_000);
  return number;
}

function describe(value: unknown): string {
  if (value === undefined) return "nothing";
  if (value === null) return "null";
  if (typeof value === "object") return `a ${value.constructor?.name ?? "value"}`;
  return typeof value === "number" || typeof value === "boolean"
    ? `the ${typeof value} ${value}`
    : `a ${typeof value}`;
}
