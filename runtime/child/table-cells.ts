import type { ColumnType } from "../../shared/contract/columns.ts";
import type { ResolvedColumn } from "../../shared/contract/describe.ts";

/** A value of a table function's result; null is null. */
export type Cell = number | bigint | string | boolean | null;

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
 * The cells of one returned column: a typed array of the declared type, `{ values, valid }` of one, or a plain
 * array of values of that type (what an Arrow table gives). Anything else is refused through `broken`.
 */
export function cellsOf(
  output: ResolvedColumn,
  given: unknown,
  broken: (problem: string) => Error,
): readonly Cell[] {
  if (Array.isArray(given)) return plainCells(output, given, broken);
  if (typeof given === "object" && given !== null && "values" in given && "valid" in given) {
    const cells = arrayCells(output, given.values, broken);
    const { valid } = given;
    if (!(valid instanceof Uint8Array) || valid.length !== cells.length) {
      throw broken(
        `returned \`valid\` of ${JSON.stringify(output.name)} that is not a Uint8Array as long as its values`,
      );
    }
    return cells.map((cell, row) => (valid[row] === 0 ? null : cell));
  }
  return arrayCells(output, given, broken);
}

function arrayCells(
  output: ResolvedColumn,
  given: unknown,
  broken: (problem: string) => Error,
): readonly Cell[] {
  const expected = ARRAYS[output.type];
  if (!ArrayBuffer.isView(given) || given.constructor.name !== expected || output.type === "utf8") {
    throw broken(
      `returned ${describe(given)} as the column ${JSON.stringify(output.name)}, ` +
        `expected ${output.type === "utf8" ? "an array of strings" : `a ${expected} (${output.type})`}`,
    );
  }
  const cells: Cell[] = [];
  if (given instanceof BigInt64Array) for (const value of given) cells.push(value);
  else if (given instanceof Float64Array || given instanceof Float32Array)
    for (const value of given) cells.push(value);
  else if (given instanceof Int32Array || given instanceof Uint8Array)
    for (const value of given) cells.push(value);
  return cells;
}

function plainCells(
  output: ResolvedColumn,
  given: readonly unknown[],
  broken: (problem: string) => Error,
): Cell[] {
  return given.map((value, row) => {
    const cell = toCell(output.type, value);
    if (cell !== undefined) return cell;
    throw broken(
      `returned ${describe(value)} in row ${row} of the column ${JSON.stringify(output.name)}, expected ${output.type}`,
    );
  });
}

/** Undefined when the value is not of the type. */
function toCell(type: ColumnType, value: unknown): Cell | undefined {
  if (value === null || value === undefined) return null;
  if (type === "utf8") return typeof value === "string" ? value : undefined;
  if (type === "bool") return typeof value === "boolean" ? value : undefined;
  if (type === "int64" || type === "timestamp") {
    if (typeof value === "bigint") return value;
    // Arrow's own reader gives timestamps as milliseconds.
    if (typeof value !== "number") return undefined;
    return type === "timestamp" ? BigInt(Math.round(value * 1000)) : BigInt(value);
  }
  if (type === "date32" && value instanceof Date) return value.getTime() / 86_400_000;
  if (type === "date32" && typeof value === "number" && Math.abs(value) > 10_000_000)
    return value / 86_400_000;
  return typeof value === "number" ? value : undefined;
}

function describe(value: unknown): string {
  if (value === undefined) return "nothing";
  if (value === null) return "null";
  if (typeof value === "object") return `a ${value.constructor?.name ?? "value"}`;
  return `a ${typeof value}`;
}
