import { existsSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { readSymbolIndex } from "../../../runtime/store/read-dataset.ts";
import { openClocks } from "../../../shared/time/clocks.ts";
import { parseAsOf } from "../../../shared/time/parse.ts";
import { parseDate } from "../../../shared/time/dates.ts";
import { openImport, type ImportBench } from "./open-import.ts";

const data = (path: string) => fileURLToPath(new URL(`../../../../shared/data/${path}`, import.meta.url));
const isThere = existsSync(data("README.md"));

let bench: ImportBench;
beforeEach(async () => {
  bench = await openImport();
});
afterEach(() => bench.close());

describe.skipIf(!isThere)("importFiles() of real data (needs ../shared/data)", () => {
  test("us-daily, every observation: the dirt that its README counts", async () => {
    const report = await bench.run({
      files: [data("us-daily/observations.parquet")],
      calendar: "us-equities",
    });
    expect(report.total.in).toBe(6_110_955);
    // README: 25,796 surplus rows under 13,712 keys, 13,693 of them identical and 19 conflicting. Nine rows
    // under these keys have a non-positive price, an earlier reason: 25,790 surplus rows are left to settle.
    expect(report.total.quarantined).toEqual({
      "non-positive-price": 28,
      "open-close-outside-range": 2,
      "identical-repeat": 25_767,
      "conflicting-repeat": 23,
    });
    expect(report.total.kept).toBe(6_110_955 - 28 - 2 - 25_767 - 23);
    const source = `read_parquet('${data("us-daily/observations.parquet")}')`;
    const repeated = `SELECT symbol, date, seen, count(*) AS n FROM ${source} GROUP BY ALL HAVING n > 1`;
    const kinds = `SELECT symbol, date, seen, count(*) AS rows, count(DISTINCT (open, high, low, close, volume, adj_close)) AS kinds
      FROM ${source} SEMI JOIN (${repeated}) USING (symbol, date, seen) GROUP BY ALL`;
    expect(
      await bench.sql(`SELECT count(*), sum(rows) - count(*), count(*) FILTER (kinds > 1) FROM (${kinds})`),
    ).toEqual([["13712", "25796", "19"]]);
    const record = bench.record();
    expect(record).toMatchObject({ knownTime: "known_at", layout: "overlapping", kind: "bars" });
    expect(record.columns.map((column) => [column.name, column.type])).toEqual([
      ["symbol", "utf8"],
      ["ts", "date32"],
      ["known_at", "timestamp"],
      ...["open", "high", "low", "close"].map((name) => [name, "float32"]),
      ["volume", "int64"],
      ["adj_close", "float32"],
    ]);
    // What was known of SBUX on two days: the split of 2015-04-09 restates the day before.
    const files = record.files.map((file) => `'${join(bench.dataDir, "bars", file.path)}'`).join(", ");
    const asOf = async (date: string) =>
      await bench.sql(
        `SELECT printf('%.2f', arg_max(adj_close, known_at)) FROM read_parquet([${files}]) WHERE symbol = 'SBUX' AND ts = DATE '2015-04-08' AND epoch_us(known_at) <= ${parseAsOf(date, record.clocks!.timezone)}`,
      );
    expect(await asOf("2015-04-08")).toEqual([["95.23"]]);
    expect(await asOf("2015-04-09")).toEqual([["47.62"]]);
    const index = readSymbolIndex(bench.dataDir, record);
    expect([index.symbols.length, index.rowCounts.reduce((a, b) => a + b)]).toEqual([7072, record.rowCount]);
    expect(record.latestKnownTime).toBe(parseAsOf("2017-03-31", "America/New_York"));
  });

  test("us-1min: times without a zone, in UTC; the calendar is found", async () => {
    const report = await bench.run({ files: [data("us-1min/bars.parquet")], timezone: "UTC" });
    expect(report.total).toMatchObject({ in: 599_224, kept: 599_224, quarantined: {} });
    // By the exchange's hours: 10,716 bars outside 09:30 ≤ t < 16:00 New York time, and 49 after an early close.
    expect(report.total.warnings).toEqual({ "out-of-session": 10_765, "vwap-outside-range": 328_203 });
    expect(bench.record()).toMatchObject({
      layout: "ordered",
      clocks: { timezone: "America/New_York", calendar: "us-equities", stamp: "start", intervalSeconds: 60 },
    });
    expect(report.symbolCount).toBe(17);
  });

  test("us-1min, original files: semicolons, milliseconds, a mapped vwap, symbols from names", async () => {
    const files = [data("us-1min/raw/NVR-2024.csv.gz"), data("us-1min/raw/TPL-2024.csv.gz")];
    const report = await bench.run({ files, mapping: { vwap: "price" }, ignore: ["date"] });
    expect(report.files.map((file) => [file.in, file.kept])).toEqual([
      [37_132, 37_132],
      [17_914, 17_914],
    ]);
    const stored = await bench.stored("count(*), sum(epoch_us(ts) // 60000000), sum(volume)");
    const same = await bench.sql(
      `SELECT count(*), sum(epoch_us(ts) // 60000000), sum(volume) FROM read_parquet('${data("us-1min/bars.parquet")}') WHERE symbol IN ('NVR', 'TPL')`,
    );
    expect(stored.map((row) => row.slice(0, 2))).toEqual(same.map((row) => row.slice(0, 2)));
    expect(readSymbolIndex(bench.dataDir, bench.record()).symbols).toEqual(["NVR", "TPL"]);
  });

  test("cn-1min: four files in one import, Shanghai time, stamped at the end, a lunch break", async () => {
    const files = ["000001.XSHG", "000001.XSHE", "000002.XSHE", "000004.XSHE"].map((symbol) =>
      data(`cn-1min/${symbol}.1m.csv`),
    );
    const report = await bench.run({ files, timezone: "Asia/Shanghai" });
    expect(report.total).toEqual({ in: 15_309, kept: 15_309, quarantined: {}, warnings: {} });
    expect(bench.record()).toMatchObject({
      layout: "ordered",
      clocks: { timezone: "Asia/Shanghai", calendar: "cn-equities", stamp: "end", intervalSeconds: 60 },
    });
    expect(
      bench
        .record()
        .columns.slice(-2)
        .map((column) => column.name),
    ).toEqual(["money", "factor"]);
    const [first] = await bench.stored("strftime(timezone('UTC', min(ts)), '%Y-%m-%d %H:%M')");
    expect(first).toEqual(["2022-02-08 01:31"]);
  });

  test("us-daily, four original files one by one: what is known twice is there once", async () => {
    const days = ["20150402", "20150408", "20150409", "20160606"];
    const reports = [];
    for (const day of days) reports.push(await bench.run({ files: [data(`us-daily/raw/${day}.csv.gz`)] }));
    expect(
      reports.map(({ total, replacedRows }) => [total.in, total.kept, total.quarantined, replacedRows]),
    ).toEqual([
      [12_062, 12_060, { "non-positive-price": 2 }, 0],
      [12_062, 12_060, { "non-positive-price": 2 }, 0],
      [12_025, 6_081, { "non-positive-price": 2, "identical-repeat": 5_942 }, 88],
      [12_050, 12_048, { "identical-repeat": 2 }, 0],
    ]);
    expect(bench.record().counts).toEqual({
      in: 48_199,
      kept: 42_161,
      quarantined: { "non-positive-price": 6, "identical-repeat": 5_944, superseded: 88 },
      warnings: {},
    });
    const before = bench.record();
    const again = await bench.run({ files: days.map((day) => data(`us-daily/raw/${day}.csv.gz`)) });
    expect([again.changed, again.files.every((file) => file.status === "already-imported")]).toEqual([
      false,
      true,
    ]);
    expect(bench.record()).toEqual(before);
  });

  test("Lean's daily bars and factor files: no header, prices × 10,000, symbols from names", async () => {
    const folder = (name: string) => data(`us-corporate-actions/${name}`);
    await bench.run({
      dataset: "lean",
      files: [folder("aapl-daily.csv"), folder("spy-daily.csv")],
      columns: ["date", "open", "high", "low", "close", "volume"],
      priceScale: 10_000,
      calendar: "us-equities",
    });
    expect(await bench.stored("symbol, ts, open, close", "lean").then((rows) => rows[0])).toEqual([
      "aapl",
      "1998-01-02",
      "13.63",
      "16.25",
    ]);
    // Every one of 5,849 days from 1998 to 2021 is a session of the calendar: its holidays are right.
    expect(bench.record("lean").counts).toEqual({ in: 11_698, kept: 11_698, quarantined: {}, warnings: {} });
    const factors = await bench.run({
      dataset: "factors",
      files: [folder("aapl-factor.csv"), folder("spy-factor.csv")],
      columns: ["date", "price factor", "split factor", "reference price"],
    });
    expect([factors.kind, factors.total.kept, factors.symbolCount]).toEqual(["series", 137, 2]);
    const clocks = openClocks(bench.record("lean").clocks!);
    expect(clocks.knownTimeOf(parseDate("2014-06-09")!)).toBe(Date.parse("2014-06-09T20:00:00Z") * 1000);
  });
});
