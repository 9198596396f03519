import {
  Bool,
  DateDay,
  DateMillisecond,
  Decimal,
  Dictionary,
  Float32,
  Float64,
  Int16,
  Int32,
  Int64,
  Int8,
  LargeUtf8,
  Table,
  tableToIPC,
  TimestampMicrosecond,
  TimestampMillisecond,
  TimestampNanosecond,
  TimestampSecond,
  Uint64,
  Uint8,
  Utf8,
  vectorFromArray,
  type DataType,
  type Vector,
} from "apache-arrow";
import { describe, expect, test } from "vitest";
import type { WantedColumn } from "../../../runtime/formats/body-column.ts";
import { readArrowBody } from "../../../runtime/formats/read-arrow-body.ts";

import { DAY, close, symbols, days, floats, ipc, body, columnOf } from "./arrow-bodies.ts";

describe("readArrowBody()", () => {
  test.each(["stream", "file"] as const)("reads a %s: keys, ranges, columns", (kind) => {
    const rows = readArrowBody(body({}, kind), [close]);
    expect(rows).toEqual({
      rowCount: 3,
      symbols: ["A", "B"],
      firstRows: [0, 2, 3],
      tsType: "date32",
      ts: Int32Array.of(0, 1, 0),
      columns: [
        {
          name: "close",
          type: "float64",
          values: Float64Array.of(1.5, 2.5, 3.5),
          valid: null,
          nullCount: 0,
          labels: null,
        },
      ],
    });
  });

  test("reads several batches, and a dictionary that changes between them", () => {
    const batch = (names: string[], from: number) =>
      new Table({
        symbol: vectorFromArray(names, new Dictionary(new Utf8(), new Int8(), 1)),
        ts: vectorFromArray(
          names.map((_, row) => new Date((from + row) * DAY)),
          new DateDay(),
        ),
        close: vectorFromArray(
          names.map((_, row) => from + row),
          new Float64(),
        ),
      });
    const whole = batch(["B", "A"], 0).concat(batch(["C", "A"], 2));
    const rows = readArrowBody(tableToIPC(whole, "stream"), [close]);
    expect(rows.symbols).toEqual(["A", "B", "C"]);
    expect(rows.firstRows).toEqual([0, 2, 3, 4]);
    expect(rows.columns[0]!.values).toEqual(Float64Array.of(1, 3, 0, 2));
  });

  test("sorts what is not sorted: keys, values and nulls together", () => {
    const rows = readArrowBody(
      ipc({
        symbol: vectorFromArray(["B", "A", "B", "A"], new Utf8()),
        ts: vectorFromArray(
          [2, 2, 1, 1].map((day) => new Date(day * DAY)),
          new DateDay(),
        ),
        n: vectorFromArray([10, null, 30, 40], new Int32()),
        s: vectorFromArray(["z", "y", null, "y"], new Utf8()),
      }),
      [
        { name: "n", type: "int32", nullable: true },
        { name: "s", type: "utf8", nullable: true },
      ],
    );
    expect(rows.ts).toEqual(Int32Array.of(1, 2, 1, 2));
    expect(rows.columns[0]!.values).toEqual(Int32Array.of(40, 0, 30, 10));
    expect(rows.columns[0]!.valid).toEqual(Uint8Array.of(1, 0, 1, 1));
    expect(rows.columns[1]).toMatchObject({ labels: ["y", "z"], values: Int32Array.of(0, 0, -1, 1) });
  });

  test("sorts symbols by code point, as DuckDB does", () => {
    const names = ["\u{1F600}", "\uFFFD", "a", "B"];
    const rows = readArrowBody(
      ipc({
        symbol: vectorFromArray(names, new Utf8()),
        ts: vectorFromArray(
          names.map(() => new Date(0)),
          new DateDay(),
        ),
      }),
      [],
    );
    expect(rows.symbols).toEqual(["B", "a", "\uFFFD", "\u{1F600}"]);
  });

  test("leaves symbols out that no row has, and columns that nobody wants", () => {
    const all = vectorFromArray(["X", "A", "A", "B", "Y"], new Dictionary(new Utf8(), new Int32(), 1));
    const rows = readArrowBody(body({ symbol: all.slice(1, 4), extra: decimals(3) }), []);
    expect(rows.symbols).toEqual(["A", "B"]);
    expect(rows.columns).toEqual([]);
  });

  test("reads a body without rows", () => {
    const none = ipc({ symbol: symbols.slice(0, 0), ts: days.slice(0, 0), close: floats.slice(0, 0) });
    expect(readArrowBody(none, [close])).toMatchObject({ rowCount: 0, symbols: [], firstRows: [0] });
  });

  test("reads 100,000 unsorted rows of 500 symbols", () => {
    const count = 100_000;
    const at = (row: number) => (row * 7919) % count;
    const rows = readArrowBody(
      ipc({
        symbol: vectorFromArray(
          Array.from({ length: count }, (_, row) => `S${at(row) % 500}`),
          new Utf8(),
        ),
        ts: vectorFromArray(
          Array.from({ length: count }, (_, row) => new Date(at(row) * DAY)),
          new DateDay(),
        ),
        close: vectorFromArray(
          Array.from({ length: count }, (_, row) => at(row)),
          new Float64(),
        ),
      }),
      [close],
    );
    expect(rows.symbols).toHaveLength(500);
    for (let row = 0; row < count; row++) {
      if (rows.columns[0]!.values[row] !== rows.ts[row])
        expect(rows.columns[0]!.values[row]).toBe(rows.ts[row]);
    }
  });
});

describe("the types a client may send", () => {
  test.each<[string, DataType, readonly unknown[], WantedColumn["type"], readonly unknown[]]>([
    ["int8 as int32", new Int8(), [-1, null, 3], "int32", [-1, 0, 3]],
    ["int16 as float64", new Int16(), [-1, null, 3], "float64", [-1, Number.NaN, 3]],
    ["uint8 as int64", new Uint8(), [1, null, 255], "int64", [1n, 0n, 255n]],
    [
      "int64 as int64",
      new Int64(),
      [-(2n ** 63n), null, 2n ** 63n - 1n],
      "int64",
      [-(2n ** 63n), 0n, 2n ** 63n - 1n],
    ],
    ["int64 as int32", new Int64(), [1n, null, -5n], "int32", [1, 0, -5]],
    ["int64 as float64", new Int64(), [2n ** 53n, null, 1n], "float64", [2 ** 53, Number.NaN, 1]],
    ["uint64 as int64", new Uint64(), [0n, null, 7n], "int64", [0n, 0n, 7n]],
    [
      "float32 as float64",
      new Float32(),
      [0.5, null, Number.POSITIVE_INFINITY],
      "float64",
      [0.5, Number.NaN, Number.POSITIVE_INFINITY],
    ],
    ["float64 as float32", new Float64(), [95.23, null, 1], "float32", [Math.fround(95.23), Number.NaN, 1]],
    ["float64 as int64", new Float64(), [3, null, -4], "int64", [3n, 0n, -4n]],
    [
      "bool",
      new Bool(),
      [true, null, false, true, true, true, true, true, true, false],
      "bool",
      [1, 0, 0, 1, 1, 1, 1, 1, 1, 0],
    ],
    ["date32", new DateDay(), [new Date(-DAY), null, new Date(DAY)], "date32", [-1, 0, 1]],
    ["date64 as date32", new DateMillisecond(), [new Date(-DAY), null], "date32", [-1, 0]],
    ["timestamp[s] as timestamp", new TimestampSecond("UTC"), [1000, null], "timestamp", [1_000_000n, 0n]],
    [
      "timestamp[ms] as timestamp",
      new TimestampMillisecond("Europe/Paris"),
      [-1, null],
      "timestamp",
      [-1000n, 0n],
    ],
    ["timestamp[us] as timestamp", new TimestampMicrosecond("UTC"), [1.5, null], "timestamp", [1500n, 0n]],
    ["timestamp[ns] as timestamp", new TimestampNanosecond("UTC"), [2, null], "timestamp", [2000n, 0n]],
    ["timestamp[ms] at midnight as date32", new TimestampMillisecond(), [DAY * 3, null], "date32", [3, 0]],
  ])("%s", (_, type, given, wanted, expected) => {
    const column = columnOf(vectorFromArray(given, type), wanted);
    expect([...column.values]).toEqual(expected);
    const isFloat = wanted === "float64" || wanted === "float32";
    expect(column.valid === null ? null : [...column.valid]).toEqual(
      isFloat || !given.includes(null) ? null : given.map((value) => (value === null ? 0 : 1)),
    );
    expect(column.nullCount).toBe(given.filter((value) => value === null).length);
  });

  test.each<[string, DataType]>([
    ["utf8", new Utf8()],
    ["large_utf8", new LargeUtf8()],
    ["dictionary<int32, utf8>", new Dictionary(new Utf8(), new Int32(), 9)],
    ["dictionary<int8, utf8>", new Dictionary(new Utf8(), new Int8(), 9)],
  ])("%s as text", (_, type) => {
    const column = columnOf(vectorFromArray(["b", null, "茅", "", "b"], type), "utf8");
    expect(column.labels).toEqual(["", "b", "茅"]);
    expect([...column.values]).toEqual([1, -1, 2, 0, 1]);
  });

  test.each<[string, Vector, "date32" | "timestamp", readonly unknown[]]>([
    [
      "date32",
      vectorFromArray(
        [0, 1, 0].map((day) => new Date(day * DAY)),
        new DateDay(),
      ),
      "date32",
      [0, 1, 0],
    ],
    [
      "date64 at midnights",
      vectorFromArray(
        [0, 1, 0].map((day) => new Date(day * DAY)),
        new DateMillisecond(),
      ),
      "date32",
      [0, 1, 0],
    ],
    [
      "date64 with times",
      vectorFromArray(
        [0, 1, 0].map((minute) => new Date(minute * 60_000)),
        new DateMillisecond(),
      ),
      "timestamp",
      [0n, 60_000_000n, 0n],
    ],
    [
      "timestamp[ns] without a zone at midnights",
      vectorFromArray([0, DAY, 0], new TimestampNanosecond()),
      "date32",
      [0, 1, 0],
    ],
    [
      "timestamp[us, UTC] at midnights",
      vectorFromArray([0, DAY, 0], new TimestampMicrosecond("UTC")),
      "timestamp",
      [0n, 86_400_000_000n, 0n],
    ],
  ])("ts as %s", (_, ts, tsType, values) => {
    const rows = readArrowBody(body({ ts }), [close]);
    expect(rows.tsType).toBe(tsType);
    expect([...rows.ts]).toEqual(values);
  });
});

/** Decimals, whose builder wants their four words. */
function decimals(count: number): Vector {
  return vectorFromArray(
    Array.from({ length: count }, () => Uint32Array.of(1, 0, 0, 0)),
    new Decimal(2, 9),
  );
}
