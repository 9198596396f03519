import { readdirSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { readSymbolIndex } from "../../../runtime/store/read-dataset.ts";
import { openImport, type ImportBench } from "./open-import.ts";

let bench: ImportBench;
beforeEach(async () => {
  bench = await openImport();
});
afterEach(() => bench.close());

/** 200 symbols of unequal histories; the order is by symbol, or by day as bars arrive. */
const bars = (order: string) =>
  `SELECT printf('S%03d', s) AS symbol, DATE '2020-01-01' + d::INT AS ts, 10 + s + d / 7.0 AS close, s * 1000 + d AS volume
   FROM range(200) AS a(s), range(300) AS b(d) WHERE d >= s ORDER BY ${order}`;
const HASH = "count(*), bit_xor(hash(symbol, ts, close, volume))";

describe("importFiles() of more rows than fit one file", () => {
  test("cuts between symbols and keeps one order, whatever order the rows come in", async () => {
    const expected = (await bench.sql(`SELECT ${HASH} FROM (${bars("symbol, ts")})`))[0];
    const rows = Number(expected![0]);
    for (const [dataset, order] of [
      ["sorted", "symbol, ts"],
      ["by-day", "ts, symbol"],
      ["shuffled", "hash(s * 1000 + d)"],
    ] as const) {
      const path = await bench.parquet(`${dataset}.parquet`, bars(order));
      const report = await bench.run({ dataset, files: [path] }, { rowsPerFile: 7_000 });
      const record = bench.record(dataset);
      expect({ dataset, ...report.total, layout: record.layout, files: record.files.length }).toEqual({
        dataset,
        in: rows,
        kept: rows,
        quarantined: {},
        warnings: {},
        layout: "ordered",
        files: 6,
      });
      for (const [at, file] of record.files.entries()) {
        expect(file.rowCount).toBeLessThan(8_000);
        if (at > 0) expect(file.firstSymbol > record.files[at - 1]!.lastSymbol).toBe(true);
      }
      const list = record.files.map((file) => `'${join(bench.dataDir, dataset, file.path)}'`).join(", ");
      expect((await bench.sql(`SELECT ${HASH} FROM read_parquet([${list}])`))[0]).toEqual(expected);
      // The row ranges of the index are those of the files one after the other.
      const index = readSymbolIndex(bench.dataDir, record);
      const ranges = await bench.sql(
        `SELECT symbol, min(n), count(*), min(ts) - DATE '1970-01-01', max(ts) - DATE '1970-01-01', count(*) FILTER (descends)
         FROM (SELECT *, row_number() OVER () - 1 AS n, ts <= lag(ts) OVER () AND symbol = lag(symbol) OVER () AS descends FROM read_parquet([${list}]))
         GROUP BY symbol ORDER BY symbol`,
      );
      expect(ranges).toEqual(
        index.symbols.map((symbol, at) => [
          symbol,
          ...[index.firstRows![at], index.rowCounts[at], index.firstTs[at], index.lastTs[at], 0].map(String),
        ]),
      );
      expect(readdirSync(join(bench.dataDir, dataset))).toEqual(expect.not.arrayContaining([".staging"]));
    }
    const fingerprints = ["sorted", "by-day", "shuffled"].map((name) => bench.record(name).fingerprint);
    expect(new Set(fingerprints).size).toBe(1);
  });

  test("settles repeats in every piece, sorted or not", async () => {
    for (const order of ["symbol, ts", "hash(s * 1000 + d)"]) {
      const dataset = order.startsWith("s") ? "sorted" : "mixed";
      const path = await bench.parquet(
        `${dataset}.parquet`,
        `SELECT * FROM (${bars(order)}) UNION ALL SELECT symbol, ts, close + 1, volume FROM (${bars("symbol, ts")}) WHERE volume % 10 = 0 UNION ALL FROM (${bars("symbol, ts")}) WHERE volume % 10 = 1`,
      );
      const counts = await bench.sql(
        `SELECT count(*) FILTER (volume % 10 = 0), count(*) FILTER (volume % 10 = 1) FROM (${bars("symbol, ts")})`,
      );
      const report = await bench.run({ dataset, files: [path] }, { rowsPerFile: 7_000 });
      expect(report.total.quarantined).toEqual({
        "identical-repeat": Number(counts[0]![1]),
        "conflicting-repeat": Number(counts[0]![0]),
      });
      expect(report.layout).toBe("ordered");
      const rows = await bench.stored(
        "close - 10 - volume // 1000 - (volume % 1000) / 7.0 > 0.5, volume % 10 = 0",
        dataset,
      );
      expect(rows.every(([raised, tenth]) => raised === tenth)).toBe(true);
    }
  });

  test("replaces rows in the files that hold them, and in no other", async () => {
    const first = await bench.parquet("first.parquet", bars("symbol, ts"));
    await bench.run({ files: [first] }, { rowsPerFile: 7_000 });
    const before = bench.record();
    const second = await bench.parquet(
      "second.parquet",
      "SELECT 'S003' AS symbol, DATE '2020-01-01' + 200 AS ts, 1.0 AS close, 1 AS volume UNION ALL SELECT 'S199', DATE '2021-01-01', 1.0, 1",
    );
    const report = await bench.run({ files: [second] }, { rowsPerFile: 7_000 });
    expect([report.replacedRows, report.datasetRows, report.layout]).toEqual([
      1,
      before.rowCount + 1,
      "overlapping",
    ]);
    const kept = bench.record().files.filter((file) => before.files.some((old) => old.path === file.path));
    expect(kept).toHaveLength(before.files.length - 1);
    const index = readSymbolIndex(bench.dataDir, bench.record());
    const at = index.symbols.indexOf("S003");
    expect([index.rowCounts[at], index.rowCounts[index.symbols.indexOf("S199")]]).toEqual([297, 102]);
    expect(index.rowCounts.reduce((a, b) => a + b)).toBe(bench.record().rowCount);
  });
});

describe("importFiles() of many files at once", () => {
  test("two hundred daily files become one sorted file, every line with its file and number", async () => {
    const files = Array.from({ length: 200 }, (_, day) => {
      const date = new Date(Date.UTC(2023, 0, 1 + day)).toISOString().slice(0, 10);
      const rows = ["B", "A", "C"].map((symbol) => `${symbol},${date},${day + 1},`);
      if (day === 50) rows.splice(1, 0, "", "oops");
      if (day === 120) rows.push("symbol,date,close,volume");
      return bench.file(`${date}.csv`, `symbol,date,close,volume\n${rows.join("\n")}\n`);
    });
    const report = await bench.run({ files });
    expect(report.total).toEqual({
      in: 602,
      kept: 600,
      quarantined: { "repeated-header": 1, unparsable: 1 },
      warnings: {},
    });
    expect(report.files.map((file) => file.in)).toEqual(
      files.map((_, at) => (at === 50 || at === 120 ? 4 : 3)),
    );
    expect((await bench.quarantined(report)).map((row) => row.slice(0, 3))).toEqual([
      [files[50], "4", "unparsable"],
      [files[120], "5", "repeated-header"],
    ]);
    expect(report.written).toHaveLength(1);
    expect((await bench.stored("symbol")).flat().join("")).toBe(
      "A".repeat(200) + "B".repeat(200) + "C".repeat(200),
    );
  });
});
