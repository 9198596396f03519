import { gzipSync } from "node:zlib";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { HEADER, openImport, type ImportBench } from "./open-import.ts";

let bench: ImportBench;
beforeEach(async () => {
  bench = await openImport();
});
afterEach(() => bench.close());

const total = (report: { total: { in: number; kept: number; quarantined: object } }) => ({
  in: report.total.in,
  kept: report.total.kept,
  quarantined: report.total.quarantined,
});

describe("importFiles() counts every line of a CSV file once", () => {
  test("and gives each bad row its first matching reason, its line and its text", async () => {
    const path = bench.file(
      "dirty.csv",
      [
        HEADER,
        "A,2024-01-02,10,11,9,10.5,100",
        "A,2024-01-03,10,11,9", // too few fields
        "A,2024-01-04,10,11,9,10.5,100,7", // too many
        "",
        HEADER, // the header again
        "A,2024-01-05,ten,11,9,10.5,100", // no number
        ",2024-01-08,10,11,9,10.5,100", // no symbol
        "A,,10,11,9,10.5,100", // no time
        "A,2024-02-30,10,11,9,10.5,100", // no date of the calendar
        "A,2024-01-09,0,11,0,10.5,100", // zero price
        "A,2024-01-10,10,9,11,10.5,100", // high below low
        "A,2024-01-11,12,11,9,10.5,100", // open above high
        "A,2024-01-12,10,11,9,8,100", // close below low
        "A,2024-01-16,inf,11,9,10,100", // infinite
        "A,2024-01-17,10,11,9,10,NA", // a null volume is no fault
        "A,2024-01-18,10,11,9,,100", // nor is a missing price, but it is told
      ].join("\n"),
    );
    const report = await bench.run({ files: [path] });

    expect(total(report)).toEqual({
      in: 15,
      kept: 3,
      quarantined: {
        "repeated-header": 1,
        unparsable: 5,
        "null-key": 1,
        "null-time": 1,
        "non-positive-price": 1,
        "high-below-low": 1,
        "open-close-outside-range": 2,
      },
    });
    expect(report.total.warnings).toEqual({ "null-price": 1 });
    expect(await bench.stored("symbol, ts, open, close, volume")).toEqual([
      ["A", "2024-01-02", "10", "10.5", "100"],
      ["A", "2024-01-17", "10", "10", null],
      ["A", "2024-01-18", "10", null, "100"],
    ]);
    expect((await bench.quarantined(report)).map(([, line, reason, raw]) => [line, reason, raw])).toEqual([
      ["3", "unparsable", "A,2024-01-03,10,11,9"],
      ["4", "unparsable", "A,2024-01-04,10,11,9,10.5,100,7"],
      ["6", "repeated-header", HEADER],
      ["7", "unparsable", "A,2024-01-05,ten,11,9,10.5,100"],
      ["8", "null-key", ",2024-01-08,10,11,9,10.5,100"],
      ["9", "null-time", "A,,10,11,9,10.5,100"],
      ["10", "unparsable", "A,2024-02-30,10,11,9,10.5,100"],
      ["11", "non-positive-price", "A,2024-01-09,0,11,0,10.5,100"],
      ["12", "high-below-low", "A,2024-01-10,10,9,11,10.5,100"],
      ["13", "open-close-outside-range", "A,2024-01-11,12,11,9,10.5,100"],
      ["14", "open-close-outside-range", "A,2024-01-12,10,11,9,8,100"],
      ["15", "unparsable", "A,2024-01-16,inf,11,9,10,100"],
    ]);
    expect(bench.record().counts).toEqual({
      in: 15,
      kept: 3,
      quarantined: report.total.quarantined,
      warnings: report.total.warnings,
    });
  });

  test("whatever its line ends, quotes, spaces, blank lines, byte-order mark or compression", async () => {
    const rows = [
      `"A",2024-01-02, 10 ,11,9,"10.5",100`,
      "",
      `"B, Inc. ""b""",2024-01-02,10,11,9,10.5,100`,
      `"C,2024-01-02,10,11,9,10.5,100`, // a quote that never closes spoils its own line only
      `D,2024-01-02,10,11,9,10.5,100`,
      "",
    ];
    const variants: [string, string][] = [
      ["unix.csv", [HEADER, ...rows].join("\n")],
      ["dos.csv", [HEADER, ...rows].join("\r\n")],
      ["mac.csv", [HEADER, ...rows].join("\r")],
      ["mark.csv", `\uFEFF\n\n${[HEADER, ...rows].join("\n")}`],
      ["last.csv", `${[HEADER, ...rows].join("\n")}\n\n\n`],
    ];
    for (const [name, text] of variants) {
      for (const gzipped of [false, true]) {
        const path = bench.file(gzipped ? `${name}.gz` : name, gzipped ? gzipSync(text) : text);
        const dataset = `${name.split(".")[0]}${gzipped ? "-gz" : ""}`;
        const report = await bench.run({ dataset, files: [path] });
        expect({ name, gzipped, ...total(report) }).toEqual({
          name,
          gzipped,
          in: 4,
          kept: 3,
          quarantined: { unparsable: 1 },
        });
        expect((await bench.stored("symbol", dataset)).flat()).toEqual(["A", 'B, Inc. "b"', "D"]);
      }
    }
  });

  test("lines that are no UTF-8 and lines with control characters among them", async () => {
    const bytes = Buffer.concat([
      Buffer.from(`${HEADER}\nA,2024-01-02,10,11,9,10,1\nB`),
      Buffer.from([0xff, 0xfe]),
      Buffer.from(
        ",2024-01-02,10,11,9,10,1\nbad\nC\u0001,2024-01-02,10,11,9,10,1\nD,2024-01-02,10,11,9,10,1\n",
      ),
      Buffer.from("E,2024-01-02,10,11,9,0,1\n\nF,2024-01-02,10,11,9,10,1\nF,2024-01-02,10,11,9,10,1\n"),
    ]);
    const report = await bench.run({ files: [bench.file("bytes.csv", bytes)] });
    expect(total(report)).toEqual({
      in: 8,
      kept: 3,
      quarantined: { unparsable: 3, "non-positive-price": 1, "identical-repeat": 1 },
    });
    expect((await bench.quarantined(report)).map(([, line, reason]) => [line, reason])).toEqual([
      ["3", "unparsable"],
      ["4", "unparsable"],
      ["5", "unparsable"],
      ["7", "non-positive-price"],
      ["10", "identical-repeat"],
    ]);
  });

  test("also where whole numbers are expected and a fraction comes", async () => {
    const first = await bench.parquet(
      "first.parquet",
      "SELECT 'A' AS symbol, DATE '2024-01-02' AS ts, 10.0::FLOAT AS close, 5::BIGINT AS volume",
    );
    await bench.run({ files: [first] });
    const csv = "symbol,ts,close,volume\nA,2024-01-03,10,5.5\nA,2024-01-04,10,6\nA,2024-01-05,10,7.0\n";
    const report = await bench.run({ files: [bench.file("second.csv", csv)] });
    expect(total(report)).toEqual({ in: 3, kept: 2, quarantined: { unparsable: 1 } });
    expect(bench.record().columns).toEqual([
      { name: "symbol", type: "utf8", nullable: false },
      { name: "ts", type: "date32", nullable: false },
      { name: "close", type: "float32", nullable: false },
      { name: "volume", type: "int64", nullable: false },
    ]);
    expect(await bench.stored("ts, volume")).toEqual([
      ["2024-01-02", "5"],
      ["2024-01-04", "6"],
      ["2024-01-05", "7"],
    ]);
  });
});

describe("importFiles() counts every row of a Parquet file once", () => {
  const bars = (rows: string) =>
    `SELECT * FROM (VALUES ${rows}) AS t(symbol, ts, open, high, low, close, vwap)`;

  test("NaN becomes null, an infinite price is unparsable, and the row is kept as JSON", async () => {
    const path = await bench.parquet(
      "bars.parquet",
      bars(`('A', DATE '2024-01-02', 10.0::FLOAT, 11.0::FLOAT, 9.0::FLOAT, 'nan'::FLOAT, 10.0),
        ('A', DATE '2024-01-03', 10, 'inf'::FLOAT, 9, 10, 10),
        (NULL, DATE '2024-01-03', 10, 11, 9, 10, 10),
        ('', DATE '2024-01-03', 10, 11, 9, 10, 10),
        ('B', NULL, 10, 11, 9, 10, 10),
        ('B', DATE '2024-01-04', 10, 11, 9, 10, 12)`),
    );
    const report = await bench.run({ files: [path] });
    expect(total(report)).toEqual({
      in: 6,
      kept: 2,
      quarantined: { unparsable: 1, "null-key": 2, "null-time": 1 },
    });
    expect(report.total.warnings).toEqual({ "null-price": 1, "vwap-outside-range": 1 });
    expect(await bench.quarantined(report)).toEqual([
      [
        path,
        "2",
        "unparsable",
        '{"symbol":"A","ts":"2024-01-03","open":"10.0","high":"inf","low":"9.0","close":"10.0","vwap":"10.0"}',
      ],
      [
        path,
        "3",
        "null-key",
        '{"symbol":null,"ts":"2024-01-03","open":"10.0","high":"11.0","low":"9.0","close":"10.0","vwap":"10.0"}',
      ],
      [
        path,
        "4",
        "null-key",
        '{"symbol":"","ts":"2024-01-03","open":"10.0","high":"11.0","low":"9.0","close":"10.0","vwap":"10.0"}',
      ],
      [
        path,
        "5",
        "null-time",
        '{"symbol":"B","ts":null,"open":"10.0","high":"11.0","low":"9.0","close":"10.0","vwap":"10.0"}',
      ],
    ]);
    expect(await bench.stored("close")).toEqual([[null], ["10"]]);
    expect(bench.record().columns.find((column) => column.name === "close")).toEqual({
      name: "close",
      type: "float32",
      nullable: true,
    });
  });

  test("a vwap is compared in the bar's own precision", async () => {
    const path = await bench.parquet(
      "bars.parquet",
      // As doubles, 10.1 is above the float32 nearest to it.
      bars(`('A', DATE '2024-01-02', 10.1::FLOAT, 10.1::FLOAT, 10.1::FLOAT, 10.1::FLOAT, 10.1::DOUBLE),
        ('A', DATE '2024-01-03', 10.7, 10.7, 10.7, 10.7, 10.7)`),
    );
    expect((await bench.run({ files: [path] })).total.warnings).toEqual({});
  });

  test("non-positive prices are kept where the dataset allows them, and strict keeps what is doubtful out", async () => {
    const path = await bench.parquet(
      "bars.parquet",
      bars(`('A', DATE '2024-01-02', -1.0::FLOAT, 11.0::FLOAT, -2.0::FLOAT, 10::FLOAT, 10.0),
        ('A', DATE '2024-01-06', 10, 11, 9, 10, 10),
        ('A', DATE '2024-01-09', 10, 11, 9, 10, 10),
        ('A', DATE '2024-01-08', 10, 11, 9, 10, 12)`),
    );
    const lenient = await bench.run({ files: [path], calendar: "us-equities", allowNonPositivePrices: true });
    expect(total(lenient)).toEqual({ in: 4, kept: 4, quarantined: {} });
    expect(lenient.total.warnings).toEqual({ "out-of-session": 1, "vwap-outside-range": 1 });
    const strict = await bench.run({
      dataset: "strict",
      files: [path],
      calendar: "us-equities",
      strict: true,
    });
    expect(strict.total).toEqual({
      in: 4,
      kept: 1,
      quarantined: { "non-positive-price": 1, "out-of-session": 1, "vwap-outside-range": 1 },
      warnings: {},
    });
  });
});
