import { zstdCompressSync } from "node:zlib";
import {
  Bool,
  CompressionType,
  compressionRegistry,
  DateDay,
  DateMillisecond,
  Decimal,
  Dictionary,
  Float16,
  Float32,
  Float64,
  Int16,
  Int32,
  Int64,
  Int8,
  LargeUtf8,
  Table,
  tableFromIPC,
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
import { encodeFileFooter, encodePrefix, END_OF_STREAM } from "../../../shared/arrow/index.ts";

const DAY = 86_400_000;
const close: WantedColumn = { name: "close", type: "float64", nullable: false };
const symbols = vectorFromArray(["A", "A", "B"], new Utf8());
const days = vectorFromArray(
  [0, DAY, 0].map((time) => new Date(time)),
  new DateDay(),
);
const floats = vectorFromArray([1.5, 2.5, 3.5], new Float64());

const ipc = (columns: Record<string, Vector>, kind: "stream" | "file" = "stream") =>
  tableToIPC(new Table(columns), kind);
const body = (changes: Record<string, Vector> = {}, kind: "stream" | "file" = "stream") =>
  ipc({ symbol: symbols, ts: days, close: floats, ...changes }, kind);
const refused = (bytes: Uint8Array, problem: string, wanted: readonly WantedColumn[] = [close]) =>
  expect(() => readArrowBody(bytes, wanted)).toThrow(
    expect.objectContaining({
      code: "arrow-body-invalid",
      message: `Cannot read the Arrow body: ${problem}.`,
    }),
  );
const columnOf = (vector: Vector, type: WantedColumn["type"], nullable = true) => {
  const rows = vector.length;
  const table = {
    symbol: vectorFromArray(
      Array.from({ length: rows }, () => "A"),
      new Utf8(),
    ),
    ts: vectorFromArray(
      Array.from({ length: rows }, (_, row) => new Date(row * DAY)),
      new DateDay(),
    ),
    x: vector,
  };
  return readArrowBody(ipc(table), [{ name: "x", type, nullable }]).columns[0]!;
};

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

describe("a compressed body", () => {
  // An encoder that writes blocks as they are is a legal one; the decoder has tests of its own.
  const storedLz4 = (bytes: Uint8Array) => {
    const length = new Uint8Array(4);
    new DataView(length.buffer).setUint32(0, bytes.length + 0x8000_0000, true);
    return Uint8Array.of(0x04, 0x22, 0x4d, 0x18, 0x60, 0x40, 0x82, ...length, ...bytes, 0, 0, 0, 0);
  };
  const long = {
    symbol: vectorFromArray(
      Array.from({ length: 1000 }, () => "AAPL"),
      new Utf8(),
    ),
    ts: vectorFromArray(
      Array.from({ length: 1000 }, (_, row) => new Date(row * DAY)),
      new DateDay(),
    ),
    close: vectorFromArray(
      Array.from({ length: 1000 }, (_, row) => row),
      new Float64(),
    ),
  };

  test.each([
    [
      "zstd",
      CompressionType.ZSTD,
      { encode: (bytes: Uint8Array) => new Uint8Array(zstdCompressSync(bytes)) },
    ],
    ["lz4", CompressionType.LZ4_FRAME, { encode: storedLz4 }],
  ] as const)("with %s is read like any other", (_, compression, codec) => {
    for (const kind of ["stream", "file"] as const) {
      compressionRegistry.set(compression, codec);
      const rows = readArrowBody(tableToIPC(new Table(long), kind, compression), [close]);
      expect(rows).toMatchObject({ rowCount: 1000, symbols: ["AAPL"], firstRows: [0, 1000] });
      expect(rows.columns[0]!.values[999]).toBe(999);
    }
  });

  test("that is damaged, or announces more than it may hold, is refused", () => {
    compressionRegistry.set(CompressionType.ZSTD, {
      encode: (bytes) => new Uint8Array(zstdCompressSync(bytes)),
    });
    const whole = tableToIPC(new Table(long), "stream", CompressionType.ZSTD);
    for (let at = 0; at < whole.length; at += 3) {
      const damaged = whole.slice();
      damaged[at]! ^= 0xff;
      try {
        readArrowBody(damaged, [close]);
      } catch (error) {
        expect(error).toMatchObject({ code: "arrow-body-invalid" });
      }
    }
  });
});

describe("a body that cannot be read", () => {
  test("is empty, or no Arrow at all", () => {
    refused(new Uint8Array(0), "it is empty. Expected an Arrow IPC stream or file");
    refused(
      new TextEncoder().encode('{"symbols": ["A"]}'),
      "it is no Arrow IPC stream or file (no Arrow message starts here)",
    );
    refused(
      new TextEncoder().encode("PAR1......PAR1"),
      "it is no Arrow IPC stream or file (no Arrow message starts here)",
    );
    refused(
      Uint8Array.of(0xff, 0xff),
      "it is no Arrow IPC stream or file (Out of bounds access)".replace(
        "Out of bounds access",
        outOfBounds(),
      ),
    );
  });

  test("is cut short, wherever the cut is", () => {
    for (const kind of ["stream", "file"] as const) {
      const whole = body({}, kind);
      for (let length = 1; length < whole.length; length++) {
        expect(() => readArrowBody(whole.slice(0, length), [close])).toThrow(
          expect.objectContaining({ code: "arrow-body-invalid" }),
        );
      }
    }
  });

  test("says what is missing of a stream", () => {
    const whole = body();
    refused(
      whole.slice(0, -8),
      "it ends without the mark that ends an Arrow stream: it is cut short, or its writer was not closed",
    );
    refused(whole.slice(0, -18), "it is cut short: 10 bytes of its last message are missing");
    refused(
      body({}, "file").slice(0, -1),
      "it is an Arrow file that is cut short or damaged (the bytes do not start and end with ARROW1)",
    );
  });

  test("has only a schema, or begins with something else", () => {
    const fields = [{ name: "symbol", type: "utf8", nullable: true }] as const;
    const { prefix } = encodePrefix({ fields }, new Map(), "stream");
    refused(
      new Uint8Array([...prefix, ...END_OF_STREAM]),
      'it has no column "ts". It has symbol; expected symbol, ts',
      [],
    );
    const { prefix: withDictionary } = encodePrefix({ fields }, new Map([[0, ["a"]]]), "stream");
    refused(
      new Uint8Array([...withDictionary.slice(prefix.length), ...END_OF_STREAM]),
      "it does not begin with a schema",
    );
  });

  // A length of two billion in the offsets of a string once kept the reader busy for five minutes.
  test.each([
    ["plain text", symbols],
    ["a dictionary", vectorFromArray(["A", "A", "B"], new Dictionary(new Utf8(), new Int32(), 1))],
    ["large text", vectorFromArray(["A", "A", "B"], new LargeUtf8())],
  ])("never crashes nor hangs, whatever single byte of a body with %s is changed", (_, symbol) => {
    for (const kind of ["stream", "file"] as const) {
      const whole = body({ symbol }, kind);
      for (let at = 0; at < whole.length; at++) {
        for (const flip of [0xff, 0x80, 0x01]) {
          const damaged = whole.slice();
          damaged[at]! ^= flip;
          try {
            readArrowBody(damaged, [close]);
          } catch (error) {
            expect(error).toMatchObject({ code: "arrow-body-invalid" });
          }
        }
      }
    }
  });
});

describe("a body that does not fit", () => {
  test("lacks a column", () => {
    refused(
      ipc({ symbol: symbols, ts: days, Close: floats }),
      'it has no column "close". It has symbol, ts, Close; expected symbol, ts, close. Did you mean "Close"?',
    );
    refused(
      ipc({ ticker: symbols, ts: days, close: floats }),
      'it has no column "symbol". It has ticker, ts, close; expected symbol, ts, close',
    );
  });

  test("has a column twice", () => {
    const table = tableFromIPC(body());
    const twice = table.select(["symbol", "ts", "close"]).assign(table.select(["close"]));
    expect(twice.numCols).toBe(3);
    const { prefix, dictionaryBlocks } = encodePrefix(
      {
        fields: [
          { name: "symbol", type: "utf8", nullable: true },
          { name: "ts", type: "date32", nullable: true },
          { name: "ts", type: "date32", nullable: true },
        ],
      },
      new Map(),
      "file",
    );
    const fields = ["symbol", "ts", "ts"].map((name, index) => ({
      name,
      type: index === 0 ? ("utf8" as const) : ("date32" as const),
      nullable: true,
    }));
    refused(
      new Uint8Array([...prefix, ...encodeFileFooter({ fields }, dictionaryBlocks, [])]),
      'it has 2 columns called "ts"',
      [],
    );
  });

  test.each<[string, Vector, WantedColumn["type"], string]>([
    [
      "text for numbers",
      vectorFromArray(["1"], new Utf8()),
      "float64",
      'its column "x" is Utf8, expected float64, float32 or an integer',
    ],
    [
      "numbers for text",
      vectorFromArray([1], new Float64()),
      "utf8",
      'its column "x" is Float64, expected text (utf8, large_utf8, or a dictionary of it)',
    ],
    [
      "a decimal",
      decimals(1),
      "float64",
      'its column "x" is Decimal[9e+2], expected float64, float32 or an integer',
    ],
    [
      "half floats",
      vectorFromArray([1], new Float16()),
      "float64",
      'its column "x" is Float16, expected float64, float32 or an integer',
    ],
    [
      "a number for a boolean",
      vectorFromArray([1], new Int8()),
      "bool",
      'its column "x" is Int8, expected bool',
    ],
    [
      "a number for a date",
      vectorFromArray([1], new Int32()),
      "date32",
      'its column "x" is Int32, expected date32, date64, or a timestamp that is midnight in every row',
    ],
    [
      "a fraction for an integer",
      vectorFromArray([1, 1.5], new Float64()),
      "int32",
      'row 1 of the column "x" is 1.5, expected a whole number from -2147483648 to 2147483647',
    ],
    [
      "a number beyond int32",
      vectorFromArray([2n ** 31n], new Int64()),
      "int32",
      'row 0 of the column "x" is 2147483648, expected a whole number from -2147483648 to 2147483647',
    ],
    [
      "a number beyond int64",
      vectorFromArray([2n ** 63n], new Uint64()),
      "int64",
      'row 0 of the column "x" is 9223372036854775808, beyond int64',
    ],
    [
      "a time of day for a date",
      vectorFromArray([0, 1000], new TimestampSecond("UTC")),
      "date32",
      'row 1 of the column "x" is no date but has a time of day',
    ],
    [
      "times without a zone",
      vectorFromArray([0], new TimestampSecond()),
      "timestamp",
      'the column "x" has times without a time zone. Say which instants they are: make it timestamp[us, UTC]',
    ],
  ])("has %s", (_, vector, type, problem) => {
    expect(() => columnOf(vector, type)).toThrow(
      expect.objectContaining({
        code: "arrow-body-invalid",
        message: `Cannot read the Arrow body: ${problem}.`,
      }),
    );
  });

  test("has nanoseconds that microseconds cannot hold", () => {
    const micros = tableFromIPC(body({ ts: vectorFromArray([0, 1, 0], new TimestampNanosecond("UTC")) }));
    const values: BigInt64Array = micros.getChild("ts")!.data[0]!.values;
    values[1] = 1_000_001n;
    refused(
      tableToIPC(micros, "stream"),
      'row 1 of the column "ts" has nanoseconds. Times are kept in microseconds: round it',
    );
  });

  test("has times of day without a zone in ts", () => {
    refused(
      body({ ts: vectorFromArray([0, 60_000, 0], new TimestampMillisecond()) }),
      'the column "ts" has times without a time zone. Say which instants they are: make it timestamp[us, UTC]',
    );
  });

  test("has a ts or symbol of another kind", () => {
    const numbers = vectorFromArray([1, 2, 3], new Float64());
    refused(body({ ts: numbers }), 'its column "ts" is Float64, expected date32 or timestamp[us, UTC]');
    refused(body({ symbol: numbers }), 'its column "symbol" is Float64, expected text');
  });

  test("has nulls where there may be none", () => {
    refused(
      body({ symbol: vectorFromArray(["A", null, null], new Utf8()) }),
      'the key column "symbol" is null in row 1 (and 1 more). Every row needs a symbol and a time',
    );
    refused(
      body({ ts: vectorFromArray([new Date(0), new Date(DAY), null], new DateDay()) }),
      'the key column "ts" is null in row 2 (and 0 more). Every row needs a symbol and a time',
    );
    refused(
      body({ n: vectorFromArray([null, 1, null], new Int32()) }),
      'the column "n" is null in row 0 (and 1 more). Leave such rows out, or declare the input nullable',
      [{ name: "n", type: "int32", nullable: false }],
    );
  });

  test("has a key twice", () => {
    refused(
      body({ symbol: vectorFromArray(["A", "B", "A"], new Utf8()) }),
      "the key (A, 1970-01-01) stands in rows 0 and 2. Every symbol may have one row per time",
    );
    refused(
      body({
        symbol: vectorFromArray(["A", "A", "A"], new Utf8()),
        ts: vectorFromArray([5000, 4000, 5000], new TimestampMillisecond("UTC")),
      }),
      "the key (A, 1970-01-01T00:00:05Z) stands in rows 0 and 2. Every symbol may have one row per time",
    );
  });
});

/** Decimals, whose builder wants their four words. */
function decimals(count: number): Vector {
  return vectorFromArray(
    Array.from({ length: count }, () => Uint32Array.of(1, 0, 0, 0)),
    new Decimal(2, 9),
  );
}

/** What this runtime calls a read past the end of a buffer. */
function outOfBounds(): string {
  try {
    new DataView(new ArrayBuffer(1)).getUint32(0);
    return "";
  } catch (error) {
    return error instanceof Error ? error.message : "";
  }
}
