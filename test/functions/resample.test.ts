import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { runTable } from "quiver/testing";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import resample from "../../functions/resample/index.ts";
import { type OpenedFunctions, openFunctions, type Rows } from "../support/open-functions.ts";
import { queryRows } from "../support/open-loading.ts";
import { dataFile, hasRealData, importDataset } from "../support/real-data.ts";

const MINUTES = { "5m": 5, "15m": 15, "1h": 60 } as const;

describe.skipIf(!hasRealData)("resample of real minutes (skipped: ../shared is absent)", () => {
  let functions: OpenedFunctions;
  let scratch: string;
  let us: string;
  beforeAll(async () => {
    functions = await openFunctions();
    scratch = mkdtempSync(join(tmpdir(), "quiver-resample-"));
    us = join(scratch, "us.parquet");
    // Half days, both changes of the clock, bars outside the session, missing minutes.
    await queryRows(
      `COPY (SELECT * FROM '${dataFile("us-1min/bars.parquet")}'
             WHERE symbol IN (SELECT DISTINCT symbol FROM '${dataFile("us-1min/bars.parquet")}' ORDER BY 1 LIMIT 2)
          ORDER BY symbol, ts) TO '${us}'`,
    );
    await importDataset(functions, { dataset: "us", files: [us], timezone: "UTC", calendar: "us-equities" });
    await importDataset(functions, {
      dataset: "cn",
      files: [dataFile("cn-1min/000001.XSHG.1m.csv")],
      calendar: "cn-equities",
      timezone: "Asia/Shanghai",
      stamp: "end",
      symbol: "000001.XSHG",
    });
  });
  afterAll(async () => {
    await functions.close();
    rmSync(scratch, { recursive: true, force: true });
  });

  /** Every row as text, numbers to six digits: float32 sums are taken in another order. */
  function rowsOf({ symbols, ts, columns }: Rows): string[] {
    const names = ["open", "high", "low", "close", "volume", "bar_count"];
    return symbols.map((symbol, i) =>
      [symbol, ts[i], ...names.map((name) => Number(columns[name]![i]).toPrecision(6))].join(" "),
    );
  }

  const expectedRows = async (sql: string): Promise<string[]> =>
    (await queryRows(sql)).map(([symbol, ts, ...values]) =>
      [symbol, ts, ...values.map((value) => Number(value).toPrecision(6))].join(" "),
    );

  const BAR = `first(open ORDER BY ts), max(high), min(low), last(close ORDER BY ts), sum(volume), count(*)`;

  /** Local times by DuckDB's own time zones, sessions by comparing clock times. */
  const usSql = (minutes: number) => `
    WITH local AS (
      SELECT *, (ts::TIMESTAMP AT TIME ZONE 'UTC') AT TIME ZONE 'America/New_York' AS wall
      FROM (SELECT * REPLACE (ts::TIMESTAMP AS ts) FROM '${us}')
    ), inside AS (
      SELECT *, wall::DATE AS day, date_diff('minute', wall::DATE + INTERVAL '9 hours 30 minutes', wall) AS minute FROM local
      WHERE wall::TIME >= '09:30' AND wall::TIME < CASE WHEN wall::DATE IN ('2024-07-03', '2024-11-29', '2024-12-24') THEN TIME '13:00' ELSE TIME '16:00' END
    )
    SELECT symbol,
      epoch_us((day + INTERVAL '9 hours 30 minutes' + to_minutes(minute // ${minutes} * ${minutes})) AT TIME ZONE 'America/New_York') AS t, ${BAR}
    FROM inside GROUP BY symbol, day, minute // ${minutes}, t ORDER BY 1, 2`;

  test.each(["5m", "15m", "1h"] as const)(
    "us-1min to %s: sessions, half days, summer time",
    async (interval) => {
      const rows = await functions.invoke({ function: "resample", dataset: "us", params: { interval } });
      expect(rowsOf(rows)).toEqual(await expectedRows(usSql(MINUTES[interval])));
      expect(rows.rowCount).toBeGreaterThan(1_000);
    },
  );

  test("us-1min to days: one bar a session date", async () => {
    const rows = await functions.invoke({ function: "resample", dataset: "us", params: { interval: "1d" } });
    expect(rows.fields[1]).toBe("ts: Date32<DAY>");
    const days = usSql(60)
      .replace(/epoch_us\(.*\) AS t,/, "day - DATE '1970-01-01' AS t,")
      .replace(", minute // 60", "");
    expect(rowsOf(rows)).toEqual(await expectedRows(days));
  });

  /** Stamped at their ends: the clock minus a moment says which interval a bar is of. */
  const cnSql = (minutes: number) => `
    WITH bars AS (
      SELECT '000001.XSHG' AS symbol, date AS ts, open, high, low, close, volume,
             date::DATE AS day, CASE WHEN date::TIME <= '11:30' THEN INTERVAL '9 hours 30 minutes' ELSE INTERVAL '13 hours' END AS opening,
             CASE WHEN date::TIME <= '11:30' THEN INTERVAL '11 hours 30 minutes' ELSE INTERVAL '15 hours' END AS closing
      FROM read_csv('${dataFile("cn-1min/000001.XSHG.1m.csv")}')
    ), numbered AS (
      SELECT *, (date_diff('minute', day + opening, ts) - 1) // ${minutes} AS bucket FROM bars
    )
    SELECT symbol, epoch_us(least(day + opening + to_minutes((bucket + 1) * ${minutes}), day + closing) AT TIME ZONE 'Asia/Shanghai') AS t, ${BAR}
    FROM numbered GROUP BY symbol, day, opening, closing, bucket ORDER BY 1, 2`;

  test.each(["5m", "15m", "1h"] as const)(
    "cn-1min to %s: lunch break, stamps at the end",
    async (interval) => {
      const rows = await functions.invoke({ function: "resample", dataset: "cn", params: { interval } });
      expect(rowsOf(rows)).toEqual(await expectedRows(cnSql(MINUTES[interval])));
      expect(rows.rowCount).toBe((60 * 240) / MINUTES[interval]);
      expect(new Set(rows.columns["bar_count"])).toEqual(new Set([MINUTES[interval]]));
    },
  );

  test("is what rsi-macd runs on, bar by bar", async () => {
    const hours = await functions.invoke({ function: "resample", dataset: "cn", params: { interval: "1h" } });
    const rsi = await functions.invoke({
      function: "rsi-macd",
      dataset: "cn",
      params: { period: 5 },
      inputs: { bars: { function: "resample", params: { interval: "1h" } } },
    });
    expect(rsi.ts).toEqual(hours.ts);
    expect(rsi.columns["rsi"]!.filter((value) => value !== null)).toHaveLength(hours.rowCount - 5);
    // The table's own rows go when nobody waits for it any more.
    await expect.poll(() => functions.leftInSpool()).toEqual([]);
    const sum = await functions.invoke({
      function: "running-sum",
      dataset: "cn",
      inputs: { bars: { function: "resample", params: { interval: "1h" } } },
      from: "2023-01-01",
    });
    expect(sum.rowCount).toBeLessThanOrEqual(hours.rowCount);
  });

  test("gives the same rows for any cut of them, by their own times", async () => {
    const request = { function: "resample", dataset: "us", params: { interval: "1d" } } as const;
    const all = rowsOf(await functions.invoke(request));
    const some = rowsOf(await functions.invoke({ ...request, from: "2024-06-01", to: "2024-07-04" }));
    const day = (date: string) => Date.parse(date) / 86_400_000;
    expect(some).toEqual(
      all.filter((row) => {
        const ts = Number(row.split(" ")[1]);
        return ts >= day("2024-06-01") && ts < day("2024-07-04");
      }),
    );
    expect(some.length).toBeGreaterThan(40);
  });
});

describe("resample", () => {
  const bars = {
    open: [1, 2, null],
    high: [2, 5, null],
    low: [1, 1, null],
    close: [2, 3, null],
    volume: [10, null, null],
  };
  const ts = ["2024-01-02T00:00:00Z", "2024-01-02T00:04:00Z", "2024-01-02T00:05:00Z"];

  test("skips nulls, and gives nulls where a bucket has nothing else", () => {
    expect(runTable(resample, { inputs: { bars }, ts }).columns).toEqual({
      ts: [1_704_153_600_000_000n, 1_704_153_900_000_000n],
      open: [1, null],
      high: [5, null],
      low: [1, null],
      close: [3, null],
      volume: [10, null],
      bar_count: [2, 1],
    });
  });

  test("refuses daily bars", () => {
    const days = ["2024-01-02", "2024-01-03", "2024-01-04"];
    expect(() => runTable(resample, { inputs: { bars }, ts: days })).toThrow(
      "resample works on intraday bars; this dataset is daily. Name an intraday dataset.",
    );
  });
});
