import { defined } from "../../../shared/defined.ts";
import type { Offence } from "../compare-rows.ts";
import type { ResultRows } from "../result-rows.ts";
import { failed, passed, type Subject, warned } from "../subject.ts";
import type { Verdict } from "../verdict.ts";
import { checkEmpty } from "./check-chunks.ts";
import { findInfinity } from "./find-infinity.ts";

/**
 * Expects one output row per input row, the declared columns, whole numbers in counts and no infinite value. The market
 * itself tests nulls, still prices, single bars and empty columns, because it contains them.
 */
export async function checkContract(subject: Subject): Promise<Verdict> {
  const { base, resolved, entry } = subject;
  const { rows, facts } = base;
  const isFeature = entry.description.shape === "feature";
  const declared = resolved.outputs
    .map(({ name }) => name)
    .filter((name) => name !== "ts" && name !== "symbol");
  const missing = declared.find((name) => !rows.columns.has(name));
  if (missing !== undefined)
    return failed("contract", `the declared output ${JSON.stringify(missing)} is not in the result`);
  if (isFeature) {
    const wrong = rowMismatch(subject);
    if (wrong !== undefined) return failed("contract", wrong);
  }
  const infinite = facts.warnings.filter(({ message }) => message.includes("held infinite values"));
  if (infinite.length > 0) {
    const offence = await findInfinity(
      subject,
      infinite.map(({ message }) => /"([^"]+)"/.exec(message)?.[1] ?? ""),
    );
    const detail =
      "an infinite value, which is stored as null: return null for a value that cannot be computed";
    return { ...failed("contract", detail), ...defined({ offence }) };
  }
  for (const { name, unit } of resolved.outputs) {
    if (!rows.columns.has(name)) continue;
    if (unit !== "count") continue;
    const isFraction = (value: unknown, isValid: boolean) =>
      isValid && typeof value === "number" && !Number.isInteger(value);
    const offence = firstWhere(rows, name, isFraction, "a whole number (unit count)");
    if (offence !== undefined)
      return { ...failed("contract", "a fraction in a column with the unit count"), offence };
  }
  const empty = await checkEmpty(subject);
  if (empty?.outcome === "failed") return empty;
  const silent = emptyColumns(rows, declared);
  if (silent.length > 0)
    return warned(
      "contract",
      `as declared, but without any value in ${silent.slice(0, 8).join(", ")}${silent.length > 8 ? " and others" : ""}`,
    );
  const count = declared.length === 1 ? "1 column" : `${declared.length} columns`;
  return passed("contract", `${rows.rowCount} rows, ${count}: as declared`);
}

/** The columns that are null in every row. */
export function emptyColumns(rows: ResultRows, names: readonly string[]): string[] {
  return names.filter((name) => !(rows.columns.get(name)?.valid.includes(1) ?? false));
}

function rowMismatch({ base, market, symbols }: Subject): string | undefined {
  const expected = new Map<string, number>();
  for (const { symbol } of market.table.rows) expected.set(symbol, (expected.get(symbol) ?? 0) + 1);
  for (const symbol of symbols) {
    const range = base.rows.symbols.find((one) => one.symbol === symbol);
    const count = range === undefined ? 0 : range.end - range.first;
    if (count !== expected.get(symbol))
      return `symbol ${JSON.stringify(symbol)} has ${count} rows, expected ${expected.get(symbol) ?? 0}: one for each bar`;
  }
  return undefined;
}

function firstWhere(
  rows: ResultRows,
  column: string,
  isWrong: (value: unknown, isValid: boolean) => boolean,
  expected: string,
): Offence | undefined {
  const { values, valid } = rows.columns.get(column)!;
  for (const { symbol, first, end } of rows.symbols) {
    for (let row = first; row < end; row++) {
      if (!isWrong(values[row], valid[row] === 1)) continue;
      const got = valid[row] === 1 ? String(values[row]) : "null";
      return { symbol, ts: rows.tsText(rows.ts[row]!), column, expected, got };
    }
  }
  return undefined;
}
