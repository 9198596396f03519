import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { ColumnType } from "../../../shared/arrow/index.ts";
import type { RowSetHandle } from "../../../runtime/load/row-sets.ts";
import type { DatasetColumn } from "../../../runtime/store/dataset.ts";
import { makeDataset } from "../../support/make-dataset.ts";
import { openLoading, ownColumn, valuesOf, wholeKey, type Loading } from "../../support/open-loading.ts";

const COLUMNS: readonly DatasetColumn[] = [
  { name: "symbol", type: "utf8", nullable: false },
  { name: "ts", type: "date32", nullable: false },
  { name: "f32", type: "float32", nullable: true },
  { name: "f64", type: "float64", nullable: true },
  { name: "i32", type: "int32", nullable: true },
  { name: "i64", type: "int64", nullable: true },
  { name: "flag", type: "bool", nullable: true },
  { name: "day", type: "date32", nullable: true },
  { name: "at", type: "timestamp", nullable: true },
  { name: "text", type: "utf8", nullable: true },
  { name: "whole", type: "float64", nullable: false },
  { name: "large", type: "int64", nullable: false },
];

const ROWS = `
  SELECT * FROM (VALUES
    ('A', DATE '2024-01-01', 0.1::FLOAT, 0.1, 1, 10, true, DATE '1969-12-31', TIMESTAMPTZ '1969-12-31 23:59:59.999999+00', 'zinc', 1.0, 1),
    ('A', DATE '2024-01-02', NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, 2.0, 2147483648),
    ('A', DATE '2024-01-03', -2.5::FLOAT, -2.5, -3, -30, false, DATE '2024-02-29', TIMESTAMPTZ '2024-02-29 12:34:56.789+00', 'it''s "ä"', -3.0, 3),
    ('B', DATE '2024-01-01', 4::FLOAT, 4, 4, 40, true, DATE '1970-01-01', TIMESTAMPTZ '1970-01-01 00:00:00+00', 'argon', 4.0, 9007199254740993)
  ) t(symbol, ts, f32, f64, i32, i64, flag, day, "at", text, whole, large)`;

const FLOAT_TENTH = Math.fround(0.1);
const NOON = 1_709_210_096_789_000n;

let loading: Loading;
let handle: RowSetHandle;

beforeAll(async () => {
  loading = openLoading();
  const record = await makeDataset({
    dataDir: loading.dataDir,
    name: "types",
    columns: COLUMNS,
    files: [ROWS],
  });
  handle = await loading.openRowSets().open(wholeKey(record));
});

afterAll(() => loading.close());

async function load(name: string, type: ColumnType, nullable = true) {
  const [column] = await handle.load([ownColumn(name, type, nullable)]);
  return column!;
}

describe("load() converts stored columns", () => {
  test.each<[string, ColumnType, readonly unknown[]]>([
    ["f32", "float32", [FLOAT_TENTH, Number.NaN, -2.5, 4]],
    ["f32", "float64", [FLOAT_TENTH, Number.NaN, -2.5, 4]],
    ["f64", "float64", [0.1, Number.NaN, -2.5, 4]],
    ["f64", "float32", [FLOAT_TENTH, Number.NaN, -2.5, 4]],
    ["i32", "int32", [1, null, -3, 4]],
    ["i32", "int64", [1n, null, -3n, 4n]],
    ["i32", "float64", [1, Number.NaN, -3, 4]],
    ["i32", "float32", [1, Number.NaN, -3, 4]],
    ["i64", "int64", [10n, null, -30n, 40n]],
    ["i64", "int32", [10, null, -30, 40]],
    ["i64", "float64", [10, Number.NaN, -30, 40]],
    ["flag", "bool", [1, null, 0, 1]],
    ["flag", "int32", [1, null, 0, 1]],
    ["flag", "float64", [1, Number.NaN, 0, 1]],
    ["day", "date32", [-1, null, 19_782, 0]],
    ["day", "int32", [-1, null, 19_782, 0]],
    ["day", "float64", [-1, Number.NaN, 19_782, 0]],
    ["day", "timestamp", [-86_400_000_000n, null, 1_709_164_800_000_000n, 0n]],
    ["at", "timestamp", [-1n, null, NOON, 0n]],
    ["at", "int64", [-1n, null, NOON, 0n]],
    ["at", "float64", [-1, Number.NaN, Number(NOON), 0]],
    ["at", "date32", [-1, null, 19_782, 0]],
    ["text", "utf8", ["zinc", null, 'it\'s "ä"', "argon"]],
    ["symbol", "utf8", ["A", "A", "A", "B"]],
    ["symbol", "int32", [0, 0, 0, 1]],
    ["whole", "int32", [1, 2, -3, 4]],
    ["whole", "int64", [1n, 2n, -3n, 4n]],
    ["ts", "float64", [19_723, 19_724, 19_725, 19_723]],
  ])("%s as %s", async (name, type, expected) => {
    expect(valuesOf(await load(name, type))).toEqual(expected);
  });

  test("text comes with its labels sorted, null as code -1", async () => {
    expect((await load("text", "utf8")).labels).toEqual(["argon", 'it\'s "ä"', "zinc"]);
  });

  test("floats and text admit nulls without being asked", async () => {
    expect(valuesOf(await load("f64", "float64", false))[1]).toBeNaN();
    expect(valuesOf(await load("text", "utf8", false))[1]).toBeNull();
  });

  test.each<[string, ColumnType]>([
    ["i32", "int32"],
    ["flag", "bool"],
    ["day", "date32"],
    ["at", "timestamp"],
  ])("%s without admitting its nulls is refused with their count", async (name, type) => {
    await expect(load(name, type, false)).rejects.toMatchObject({
      code: "column-has-nulls",
      message: `Cannot read column "${name}" of dataset "types" as ${type} without nulls: 1 of the rows are null. Declare it with orNull(), or ask for a float64.`,
      facts: { dataset: "types", column: name, type, nullCount: 1 },
    });
  });

  test("a column that only might have nulls is not refused", async () => {
    const record = await makeDataset({
      dataDir: loading.dataDir,
      name: "full",
      columns: COLUMNS,
      files: [`SELECT * FROM (${ROWS}) WHERE i32 IS NOT NULL`],
    });
    const full = await loading.openRowSets().open(wholeKey(record));
    const [column] = await full.load([ownColumn("i32", "int32")]);
    expect(valuesOf(column!)).toEqual([1, -3, 4]);
    full.release();
  });

  test.each<[string, ColumnType, string]>([
    ["f64", "bool", "float64, which can be read as float32, float64, int32, int64"],
    ["text", "float64", "utf8, which can be read as utf8"],
    ["day", "bool", "date32, which can be read as date32, int32, timestamp, float64"],
    ["at", "float32", "timestamp, which can be read as timestamp, int64, float64, date32"],
    ["i32", "utf8", "int32, which can be read as float32, float64, int32, int64"],
  ])("%s as %s is refused", async (name, type, stored) => {
    await expect(load(name, type)).rejects.toMatchObject({
      code: "column-type-mismatch",
      message: `Cannot read column "${name}" of dataset "types" as ${type}: it is stored as ${stored}.`,
    });
  });

  test("a fraction is not rounded to an integer", async () => {
    await expect(load("f64", "int32")).rejects.toMatchObject({
      code: "column-type-mismatch",
      message:
        'Cannot read a column of dataset "types" in the requested type: not a whole number: 0.1. Ask for a float64, or a wider integer.',
    });
  });

  test("an integer that does not fit is not cut", async () => {
    await expect(load("large", "int32")).rejects.toMatchObject({
      code: "column-type-mismatch",
      message: expect.stringMatching(
        /^Cannot read a column of dataset "types" in the requested type: .*2147483648.* out of range/,
      ),
    });
  });
});
