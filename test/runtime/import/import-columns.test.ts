import { afterEach, beforeEach, describe, expect, test } from "vitest";

import { openImport, type ImportBench } from "./open-import.ts";

let bench: ImportBench;
beforeEach(async () => {
  bench = await openImport();
});
afterEach(() => bench.close());

describe("importFiles() of what is not bars", () => {
  test("takes values by symbol and date as a series, unchecked", async () => {
    const path = bench.file("aapl-factor.csv", "19980102,0.86,-1,1\n20000620,0.86,0,101\n");
    const columns = ["date", "price factor", "split factor", "reference price"];
    const report = await bench.run({ files: [path], columns });
    expect(report.kind).toBe("series");
    expect(bench.record().columns.map((column) => [column.name, column.type])).toEqual([
      ["symbol", "utf8"],
      ["ts", "date32"],
      ["price_factor", "float64"],
      ["split_factor", "float64"],
      ["reference_price", "float64"],
    ]);
    expect(await bench.stored()).toEqual([
      ["aapl", "1998-01-02", "0.86", "-1", "1"],
      ["aapl", "2000-06-20", "0.86", "0", "101"],
    ]);
  });

  test("takes one row a symbol without a time as attributes", async () => {
    const path = bench.file(
      "sectors.csv",
      "ticker,Sector,shares\nB,energy,5\nA,tech,\nB,energy,5\nA,retail,7\n",
    );
    const report = await bench.run({ files: [path] });
    expect(report.kind).toBe("attributes");
    expect(report.total.quarantined).toEqual({ "identical-repeat": 1, "conflicting-repeat": 1 });
    expect(bench.record()).toMatchObject({
      kind: "attributes",
      eventTime: null,
      clocks: null,
      firstTs: null,
      latestKnownTime: null,
      layout: "ordered",
    });
    expect(await bench.stored()).toEqual([
      ["A", "retail", "7"],
      ["B", "energy", "5"],
    ]);
    const later = await bench.run({
      files: [bench.file("more.csv", "ticker,Sector,shares\nA,tech,9\nC,tech,1\n")],
    });
    expect([later.replacedRows, later.datasetRows]).toEqual([1, 3]);
  });

  test("keeps the types and the order of columns, and names them in one way", async () => {
    const path = await bench.parquet(
      "types.parquet",
      "SELECT 1::SMALLINT AS \"tradeCount\", 2::UINTEGER AS big, true AS halted, 'x' AS \"Exchange Code\", 3::DECIMAL(9,2) AS \"Adj Close\", 4::BIGINT AS volume, 5::FLOAT AS close, DATE '2024-01-02' AS date, 600000 AS code, DATE '2024-01-01' AS listed, TIMESTAMPTZ '2024-01-02 10:00:00Z' AS seen_at",
    );
    await bench.run({ files: [path] });
    expect(bench.record().columns.map((column) => [column.name, column.type])).toEqual([
      ["symbol", "utf8"],
      ["ts", "date32"],
      ["close", "float32"],
      ["volume", "int64"],
      ["adj_close", "float64"],
      ["trade_count", "int32"],
      ["big", "int64"],
      ["halted", "bool"],
      ["exchange_code", "utf8"],
      ["listed", "date32"],
      ["seen_at", "timestamp"],
    ]);
    expect((await bench.stored("symbol, volume, big, halted, listed, epoch_us(seen_at)"))[0]).toEqual([
      "600000",
      "4",
      "2",
      "true",
      "2024-01-01",
      "1704189600000000",
    ]);
  });

  test("takes a tab as a shell writes it", async () => {
    const path = bench.file("tabs.txt", "symbol\tdate\tclose\nA,B\t2024-01-02\t1\n");
    await bench.run({ files: [path], separator: "\\t" });
    expect(await bench.stored()).toEqual([["A,B", "2024-01-02", "1"]]);
  });

  test("scales prices, and nothing else", async () => {
    const path = bench.file("aapl-daily.csv", "19980102 00:00,136300,162500,135000,162500,6315000\n");
    await bench.run({
      files: [path],
      columns: ["date", "open", "high", "low", "close", "volume"],
      priceScale: 10_000,
    });
    expect(await bench.stored()).toEqual([
      ["aapl", "1998-01-02", "13.63", "16.25", "13.5", "16.25", "6315000"],
    ]);
  });
});

describe("importFiles() of columns with names of their own", () => {
  const names = [
    "n",
    "t",
    "l",
    "f",
    "p",
    "reason",
    "fault",
    "raw",
    "vals",
    "row_no",
    "file_no",
    "filename",
    "file_index",
    "order",
    "select",
    "line",
    "known",
    "_x",
  ];
  const stored = names.map((name) =>
    name.startsWith("file_i") || name === "filename" ? `source_${name}` : name.replace(/^_/, ""),
  );

  test("keeps them apart from the engine's, in text and in Parquet", async () => {
    const header = ["symbol", "date", "close", ...names].join(",");
    const line = (day: string, first: number) =>
      ["A", day, "10", ...names.map((_, at) => first + at)].join(",");
    const csv = bench.file(
      "names.csv",
      `${header}\n${line("2024-01-02", 0)}\n${line("2024-01-02", 1)}\nA,bad\n`,
    );
    const report = await bench.run({ files: [csv] });
    expect(report.total.quarantined).toEqual({ unparsable: 1, "conflicting-repeat": 1 });
    expect(
      bench
        .record()
        .columns.slice(3)
        .map((column) => column.name),
    ).toEqual(stored);
    expect((await bench.stored())[0]!.slice(3)).toEqual(names.map((_, at) => String(1 + at)));
    const select = names.map((name, at) => `${at + 2}::DOUBLE AS "${name}"`).join(", ");
    const parquet = await bench.parquet(
      "names.parquet",
      `SELECT 'A' AS symbol, DATE '2024-01-02' AS date, 10.0::DOUBLE AS close, ${select} UNION ALL SELECT NULL, DATE '2024-01-02', 10.0, ${names.map(() => "0").join(", ")}`,
    );
    const again = await bench.run({ files: [parquet] });
    expect([again.replacedRows, again.total.quarantined]).toEqual([1, { "null-key": 1 }]);
    expect((await bench.stored())[0]!.slice(3)).toEqual(names.map((_, at) => String(2 + at)));
  });

  test("takes single letters for a bar only where all four stand together", async () => {
    const terse = bench.file(
      "terse.csv",
      "S,t,o,h,l,c,v,n\nA,1709908200000,10,11,9,10,5,3\nA,1709908260000,10,11,9,10,5,3\n",
    );
    await bench.run({ files: [terse], mapping: { symbol: "S" } });
    expect(bench.record().columns.map((column) => column.name)).toEqual([
      "symbol",
      "ts",
      "open",
      "high",
      "low",
      "close",
      "volume",
      "n",
    ]);
  });
});
