import { allocateColumn } from "../arrow/index.ts";
import type { ResolvedColumn } from "../contract/describe.ts";
import type { ColumnGiven } from "./unit-given.ts";

/** What a handler sees for a column that a test gives as plain values. */
export function viewOfGiven(column: ResolvedColumn, given: ColumnGiven, name: string): unknown {
  const { type, nullable } = column;
  const cells = Array.from(given);
  if (type === "utf8") return categoriesOf(cells, name);
  const isFloat = type === "float64" || type === "float32";
  const values = allocateColumn(type, cells.length);
  const valid = new Uint8Array(cells.length);
  cells.forEach((cell, row) => {
    if (cell === null) {
      if (isFloat) values[row] = NaN;
      else if (!nullable)
        throw wrong(name, row, "null", `${type}; declare the column with orNull() to allow nulls`);
      return;
    }
    valid[row] = 1;
    if (typeof cell === "string") throw wrong(name, row, JSON.stringify(cell), type);
    if (values instanceof BigInt64Array) values[row] = bigintOf(cell, name, row, type);
    else if (isFloat || Number(cell) === Math.trunc(Number(cell))) values[row] = Number(cell);
    else throw wrong(name, row, textOf(cell), type);
  });
  return isFloat || !nullable ? values : { values, valid };
}

function categoriesOf(cells: readonly unknown[], name: string): { codes: Int32Array; labels: string[] } {
  const labels: string[] = [];
  const codes = Int32Array.from(cells, (cell, row) => {
    if (cell === null) return -1;
    if (typeof cell !== "string") throw wrong(name, row, textOf(cell), "text");
    const known = labels.indexOf(cell);
    return known >= 0 ? known : labels.push(cell) - 1;
  });
  return { codes, labels };
}

function bigintOf(cell: number | bigint | boolean, name: string, row: number, type: string): bigint {
  if (typeof cell === "bigint") return cell;
  if (typeof cell === "number" && Number.isSafeInteger(cell)) return BigInt(cell);
  throw wrong(name, row, textOf(cell), type);
}

function textOf(cell: unknown): string {
  return typeof cell === "bigint" ? `${cell}n` : (JSON.stringify(cell) ?? "undefined");
}

function wrong(name: string, row: number, given: string, expected: string): TypeError {
  return new TypeError(`Cannot give ${given} in row ${row} of ${name}: expected ${expected}.`);
}
