import { DuckDBInstance } from "@duckdb/node-api";
import { dataFile } from "./real-data.ts";

/** Columns of a query's result; null as null, numbers as numbers. */
export type QueriedColumns = Readonly<Record<string, readonly (number | string | null)[]>>;

/**
 * Runs one query in a DuckDB of its own: the second implementations that features are tested against are written in
 * SQL. Numbers of every type arrive as numbers, dates and times as text.
 */
export async function queryColumns(sql: string): Promise<QueriedColumns> {
  const instance = await DuckDBInstance.create(":memory:", { threads: "2" });
  const connection = await instance.connect();
  try {
    const reader = await connection.runAndReadAll(sql);
    const columns = reader.getColumnsJS();
    return Object.fromEntries(
      reader.columnNames().map((name, i) => [name, (columns[i] ?? []).map((cell) => toCell(cell))]),
    );
  } finally {
    connection.closeSync();
    instance.closeSync();
  }
}

function toCell(cell: unknown): number | string | null {
  if (cell === null || cell === undefined) return null;
  if (typeof cell === "number") return cell;
  if (typeof cell === "bigint" || typeof cell === "boolean") return Number(cell);
  if (cell instanceof Date) return cell.toISOString();
  if (typeof cell === "string") return cell;
  throw new TypeError(`Cannot read a cell of type ${typeof cell}: cast it to a number or text in the query.`);
}

/** One column of numbers, null as NaN. */
export function numbersOf(columns: QueriedColumns, name: string): Float64Array {
  const column = columns[name];
  if (column === undefined)
    throw new TypeError(`Cannot find ${name} among ${Object.keys(columns).join(", ")}.`);
  return Float64Array.from(column, (cell) => (cell === null ? NaN : Number(cell)));
}

/**
 * SQL of real daily bars, one row a symbol and day as last seen, doubles, in the order of `symbol, date`, with `row`
 * counting each symbol's bars from 0.
 */
export function usDailyBars(symbols: readonly string[]): string {
  const names = symbols.map((symbol) => `'${symbol}'`).join(", ");
  const last = (column: string) => `arg_max(${column}, seen)::double as ${column}`;
  return `
    select symbol, date, row_number() over (partition by symbol order by date) - 1 as row,
      ${["open", "high", "low", "close", "volume"].map((column) => `${column}`).join(", ")}
    from (
      select symbol, date, ${["open", "high", "low", "close", "volume"].map(last).join(", ")}
      from read_parquet('${dataFile("us-daily/observations.parquet")}')
      where symbol in (${names}) group by symbol, date
    ) order by symbol, date`;
}

/**
 * Asserts nothing: the largest difference of two series relative to the larger of the expected value and a thousandth
 * of the largest one, Infinity where only one of the two is null.
 */
export function largestRelativeDifference(actual: ArrayLike<number>, expected: ArrayLike<number>): number {
  if (actual.length !== expected.length) return Infinity;
  const values = Array.from(expected);
  const floor = 1e-3 * values.reduce((most, value) => (Math.abs(value) > most ? Math.abs(value) : most), 0);
  return values.reduce((largest, theirs, row) => {
    const ours = actual[row]!;
    if (Number.isNaN(ours) !== Number.isNaN(theirs)) return Infinity;
    if (Number.isNaN(ours) || ours === theirs) return largest;
    return Math.max(largest, Math.abs(ours - theirs) / Math.max(Math.abs(theirs), floor));
  }, 0);
}
