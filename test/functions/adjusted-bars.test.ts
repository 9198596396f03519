import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { runFeature } from "quiver/testing";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import adjustedBars from "../../functions/adjusted-bars/index.ts";
import rsiMacd from "../../functions/rsi-macd/index.ts";
import { type OpenedFunctions, openFunctions, type Rows } from "../support/open-functions.ts";
import { queryRows } from "../support/open-loading.ts";
import { dataFile, hasRealData, importDataset } from "../support/real-data.ts";

const DAY = 86_400_000;
const dayOf = (date: string) => BigInt(Date.parse(date) / DAY);

describe.skipIf(!hasRealData)("adjusted-bars on real bars (skipped: ../shared is absent)", () => {
  let functions: OpenedFunctions;
  let scratch: string;
  beforeAll(async () => {
    functions = await openFunctions();
    scratch = mkdtempSync(join(tmpdir(), "quiver-adjusted-"));
    const sbux = join(scratch, "sbux.parquet");
    await queryRows(
      `COPY (SELECT * FROM '${dataFile("us-daily/observations.parquet")}' WHERE symbol IN ('SBUX', 'AAPL')) TO '${sbux}'`,
    );
    await importDataset(functions, { dataset: "us-daily", files: [sbux], calendar: "us-equities" });
    await importDataset(functions, {
      dataset: "cn",
      files: [dataFile("cn-1min/000001.XSHE.1m.csv")],
      calendar: "cn-equities",
      timezone: "Asia/Shanghai",
      stamp: "end",
      symbol: "000001.XSHE",
    });
    await importDataset(functions, {
      dataset: "lean",
      files: [dataFile("us-corporate-actions/aapl-daily.csv")],
      columns: ["ts", "open", "high", "low", "close", "volume"],
      timeFormat: "%Y%m%d %H:%M",
      intervalSeconds: "1d",
      priceScale: 10_000,
      symbol: "AAPL",
      calendar: "us-equities",
    });
    await importDataset(functions, {
      dataset: "factors",
      kind: "series",
      files: [dataFile("us-corporate-actions/aapl-factor.csv")],
      columns: ["ts", "price_factor", "split_factor", "reference_price"],
      timeFormat: "%Y%m%d",
      intervalSeconds: "1d",
      symbol: "AAPL",
      calendar: "us-equities",
    });
  });
  afterAll(async () => {
    await functions.close();
    rmSync(scratch, { recursive: true, force: true });
  });

  const at = ({ ts, columns }: Rows, date: string, column: string) =>
    Number(columns[column]![ts.indexOf(dayOf(date))]);

  test("from adj_close: SBUX as it was known before and after its split", async () => {
    const close = async (asOf: string) => {
      const rows = await functions.invoke({
        function: "adjusted-bars",
        dataset: "us-daily",
        symbols: ["SBUX"],
        from: "2015-04-08",
        to: "2015-04-09",
        asOf,
      });
      expect(rows.rowCount).toBe(1);
      return at(rows, "2015-04-08", "close").toFixed(2);
    };
    expect(await close("2015-04-08")).toBe("95.23");
    expect(await close("2015-04-09")).toBe("47.62");
  });

  test("hands what it computed to rsi-macd, bit for bit", async () => {
    const request = { dataset: "us-daily", asOf: "2015-12-31" };
    const adjusted = await functions.invoke({ function: "adjusted-bars", ...request });
    const through = await functions.invoke({
      function: "rsi-macd",
      ...request,
      inputs: { bars: { function: "adjusted-bars" } },
    });
    expect(through.symbols).toEqual(adjusted.symbols);
    for (const symbol of ["AAPL", "SBUX"]) {
      const rows = adjusted.symbols.flatMap((other, row) => (other === symbol ? [row] : []));
      const close = rows.map((row) => adjusted.columns["close"]![row] as number | null);
      const { outputs } = runFeature(rsiMacd, { inputs: { bars: { close } } });
      for (const name of ["rsi", "macd", "macd_signal", "macd_hist"] as const) {
        expect(rows.map((row) => through.columns[name]![row] ?? NaN)).toEqual([...outputs[name]]);
      }
    }
    const raw = await functions.invoke({ function: "rsi-macd", ...request });
    expect(raw.columns["rsi"]).not.toEqual(through.columns["rsi"]);
    expect(functions.leftInSpool()).toEqual([]);
  });

  test("from a factor column: the last bar known is the scale, by local date", async () => {
    const rows = await functions.invoke({
      function: "adjusted-bars",
      dataset: "cn",
      params: { basis: "factor" },
    });
    const expected = await queryRows(
      `SELECT close * factor / last(factor ORDER BY date) OVER (), volume / (factor / last(factor ORDER BY date) OVER ()),
              date::DATE - DATE '1970-01-01', close * volume
       FROM read_csv('${dataFile("cn-1min/000001.XSHE.1m.csv")}') ORDER BY date`,
    );
    expect(rows.rowCount).toBe(expected.length);
    expected.forEach(([close, volume, day, money], i) => {
      expect(Number(rows.columns["close"]![i])).toBeCloseTo(Number(close), 9);
      expect(Number(rows.columns["volume"]![i])).toBeCloseTo(Number(volume), 3);
      expect(Number(rows.columns["dollar_volume"]![i])).toBeCloseTo(Number(money), 1);
      expect(Number(rows.columns["session_date"]![i]) / DAY).toBe(Number(day));
    });
  });

  test("from factor files: a row holds for bars up to and including its date", async () => {
    const request = { function: "adjusted-bars", dataset: "lean", params: { basis: "factor-files" } };
    const all = await functions.invoke(request);
    // 7:1 on 2014-06-09, then 4:1 on 2020-08-31; dividends beside.
    expect(at(all, "2014-06-06", "close")).toBeCloseTo(645.57 * 0.9011818 * 0.0357143, 9);
    expect(at(all, "2014-06-09", "close")).toBeCloseTo(93.7 * 0.9011818 * 0.25, 9);
    expect(at(all, "2014-06-06", "volume")).toBeCloseTo(12_116_671 / 0.0357143, 3);
    expect(at(all, "2021-03-31", "adjustment")).toBe(1);
    const split = at(all, "2014-06-09", "close") / at(all, "2014-06-06", "close");
    expect(split).toBeCloseTo((93.7 * 7) / 645.57, 6);
  });

  test("from factor files: nothing that happened after asOf is in any value", async () => {
    const asOf = (date: string) =>
      functions.invoke({
        function: "adjusted-bars",
        dataset: "lean",
        params: { basis: "factor-files" },
        from: "2004-01-01",
        asOf: date,
      });
    const before = await asOf("2014-06-06");
    expect(at(before, "2014-06-06", "close")).toBe(645.57);
    const after = await asOf("2014-06-09");
    expect(at(after, "2014-06-09", "close")).toBe(93.7);
    expect(at(after, "2014-06-06", "close")).toBeCloseTo(645.57 / 7, 3);
    expect(at(after, "2014-06-06", "volume")).toBeCloseTo(12_116_671 * 7, -2);
    // 2:1 on 2005-02-28, and no dividend until 2012.
    const early = await asOf("2010-01-04");
    const raw = await functions.invoke({ function: "closes-again", dataset: "lean" });
    expect(at(early, "2010-01-04", "adjustment")).toBe(1);
    // The file's factors have six digits.
    expect(at(early, "2005-02-25", "close")).toBeCloseTo(at(raw, "2005-02-25", "close") / 2, 3);
    expect(at(early, "2005-02-28", "close")).toBe(at(raw, "2005-02-28", "close"));
  });
});

describe("adjusted-bars", () => {
  const bars = { open: [1, 2], high: [2, 3], low: [1, 1], close: [2, 2], volume: [10, null] };

  test("keeps nulls, and says when a close of zero makes no ratio", () => {
    const { outputs, warnings } = runFeature(adjustedBars, {
      inputs: { bars: { ...bars, close: [0, 2], adj_close: [1, 1] } },
    });
    expect(outputs.open).toEqual(Float64Array.of(NaN, 1));
    expect(outputs.close).toEqual(Float64Array.of(1, 1));
    expect(outputs.volume).toEqual(Float64Array.of(0, NaN));
    expect(warnings.map((warning) => warning.message)).toContain(
      'Output "adjustment" held infinite values, stored as null',
    );
  });

  test("leaves a symbol without factor rows as it is, and says so", () => {
    const none = [null, null];
    const { outputs, warnings } = runFeature(adjustedBars, {
      inputs: { bars, factors: { price_factor: none, split_factor: none } },
      params: { basis: "factor-files" },
    });
    expect(outputs.close).toEqual(Float64Array.of(2, 2));
    expect(warnings).toEqual([
      { message: "No factor rows for a symbol: its prices are not adjusted", count: 1 },
    ]);
  });

  test("names the columns a basis needs", () => {
    expect(() => runFeature(adjustedBars, { inputs: { bars }, params: { basis: "factor" } })).toThrow(
      'Cannot run without the column "factor" of the input "bars": expected open, high, low, close, volume, factor.',
    );
  });
});
