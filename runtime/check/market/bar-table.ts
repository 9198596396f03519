import { writeFileSync } from "node:fs";
import type { ColumnType } from "../../../shared/contract/index.ts";

export type CellValue = number | string | null;

/** One row of a made-up or sampled dataset. */
export interface BarRow {
  readonly symbol: string;
  /** A date, or an instant with `Z`; empty if the rows have no time (attributes). */
  readonly ts: string;
  readonly cells: readonly CellValue[];
}

/** The rows that a check runs on: few enough to keep in memory, where they are cut, scaled and written to files. */
export interface BarTable {
  readonly kind: "bars" | "series" | "attributes";
  readonly columns: readonly { readonly name: string; readonly type: ColumnType }[];
  /** By symbol, then by time. */
  readonly rows: readonly BarRow[];
}

/** Writes rows as CSV. Numbers have their shortest form, which parses to the same bits. */
export function writeBarTable(path: string, { kind, columns }: BarTable, rows: readonly BarRow[]): void {
  const head = ["symbol", ...(kind === "attributes" ? [] : ["ts"]), ...columns.map(({ name }) => name)];
  const lines = rows.map(({ symbol, ts, cells }) =>
    [
      symbol,
      ...(kind === "attributes" ? [] : [ts]),
      ...cells.map((cell) => (cell === null ? "" : cell)),
    ].join(","),
  );
  writeFileSync(path, `${[head.join(","), ...lines].join("\n")}\n`);
}

/** How a column follows a split: prices are divided by its ratio, volumes multiplied. */
export function splitPower(column: string): -1 | 0 | 1 {
  if (/^(open|high|low|close|vwap|adj_close)$/.test(column)) return -1;
  return column === "volume" ? 1 : 0;
}

/** Adjusts the rows before `before` for a two-for-one split: half the prices, twice the volume. */
export function halved(table: BarTable, isScaled: (symbol: string) => boolean, before: string): BarTable {
  const powers = table.columns.map(({ name }) => splitPower(name));
  const rows = table.rows.map((row) => {
    if (row.ts >= before || !isScaled(row.symbol)) return row;
    const cells = row.cells.map((cell, i) => (typeof cell === "number" ? cell * 2 ** powers[i]! : cell));
    return { ...row, cells };
  });
  return { ...table, rows };
}
