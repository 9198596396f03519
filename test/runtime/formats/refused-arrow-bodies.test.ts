import { zstdCompressSync } from "node:zlib";
import {
  CompressionType,
  compressionRegistry,
  DateDay,
  Decimal,
  Dictionary,
  Float16,
  Float64,
  Int32,
  Int64,
  Int8,
  LargeUtf8,
  Table,
  tableFromIPC,
  tableToIPC,
  TimestampMillisecond,
  TimestampNanosecond,
  TimestampSecond,
  Uint64,
  Utf8,
  vectorFromArray,
  type Vector,
} from "apache-arrow";
import { describe, expect, test } from "vitest";
import type { WantedColumn } from "../../../runtime/formats/body-column.ts";
import { readArrowBody } from "../../../runtime/formats/read-arrow-body.ts";
import { encodeFileFooter, encodePrefix, END_OF_STREAM } from "../../../shared/arrow/index.ts";
import { DAY, close, symbols, days, floats, ipc, body, refused, columnOf } from "./arrow-bodies.ts";

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
