import { runTable } from "quiver/testing";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import realizedIntraday from "../../functions/realized-intraday/index.ts";
import { type OpenedFunctions, openFunctions, type Rows } from "../support/open-functions.ts";
import { queryRows } from "../support/open-loading.ts";
import { dataFile, hasRealData, importDataset } from "../support/real-data.ts";

const NAMES = [
  "realized_variance",
  "bipower_variation",
  "subsampled_variance",
  "realized_skewness",
  "realized_kurtosis",
  "return_count",
] as const;

describe.skipIf(!hasRealData)("realized-intraday of real minutes (skipped: ../shared is absent)", () => {
  let functions: OpenedFunctions;
  let us: string;
  const cn = dataFile("cn-1min/000001.XSHG.1m.csv");
  beforeAll(async () => {
    functions = await openFunctions();
    us = `${functions.dataDir}-us.parquet`;
    const all = `'${dataFile("us-1min/bars.parquet")}'`;
    // The most and the least traded name: half days, both changes of the clock, missing minutes, bars out of hours.
    await queryRows(
      `COPY (WITH counts AS (SELECT symbol, count(*) AS bars FROM ${all} GROUP BY symbol)
             SELECT * FROM ${all} WHERE symbol IN (SELECT arg_max(symbol, bars) FROM counts UNION SELECT arg_min(symbol, bars) FROM counts)
             ORDER BY symbol, ts) TO '${us}'`,
    );
    await importDataset(functions, { dataset: "us", files: [us], timezone: "UTC", calendar: "us-equities" });
    await importDataset(functions, {
      dataset: "cn",
      files: [cn],
      calendar: "cn-equities",
      timezone: "Asia/Shanghai",
      stamp: "end",
      symbol: "000001.XSHG",
    });
  });
  afterAll(() => functions.close());

  /** Bars with their day, the stretch of trading they are in, its length, and how many minutes of it are over at their end. */
  const US_BARS = () => `
    SELECT symbol, wall::DATE AS day, 1 AS stretch, open::DOUBLE AS open, close::DOUBLE AS close,
           CASE WHEN wall::DATE IN ('2024-07-03', '2024-11-29', '2024-12-24') THEN 210 ELSE 390 END AS minutes,
           date_diff('minute', wall::DATE + INTERVAL '570 minutes', wall) + 1 AS minute
    FROM (SELECT *, (ts::TIMESTAMP AT TIME ZONE 'UTC') AT TIME ZONE 'America/New_York' AS wall FROM '${us}')
    WHERE minute BETWEEN 1 AND minutes`;
  const CN_BARS = () => `
    SELECT '000001.XSHG' AS symbol, date::DATE AS day, CASE WHEN hour(date) < 12 THEN 1 ELSE 2 END AS stretch,
           open::DOUBLE AS open, close::DOUBLE AS close, 120 AS minutes,
           date_diff('minute', date::DATE + CASE WHEN hour(date) < 12 THEN INTERVAL '570 minutes' ELSE INTERVAL '780 minutes' END, date) AS minute
    FROM read_csv('${cn}')`;

  /** The measures as joins and windows: returns by lag, the grid by listing every minute and looking up the last bar. */
  const measuresSql = (bars: string, span: number) => `
    WITH bars AS (${bars}),
    returns AS (
      SELECT *, ln(close / coalesce(lag(close) OVER s, open)) AS r FROM bars
      WINDOW s AS (PARTITION BY symbol, day, stretch ORDER BY minute)
    ),
    sums AS (
      SELECT symbol, day, sum(r * r) AS rv, sum(beside) * pi() / 2 AS bpv, sum(r ** 3) AS cubes, sum(r ** 4) AS fourths, count(r) AS n
      FROM (SELECT *, abs(r) * abs(lag(r) OVER (PARTITION BY symbol, day ORDER BY stretch, minute)) AS beside FROM returns)
      GROUP BY symbol, day
    ),
    stretches AS (SELECT symbol, day, stretch, any_value(minutes) AS minutes, arg_min(open, minute) AS first FROM bars GROUP BY ALL),
    grid AS (SELECT *, unnest(range(minutes + 1)) AS minute FROM stretches),
    priced AS (
      SELECT grid.*, coalesce(bars.close, first) AS price
      FROM grid ASOF LEFT JOIN bars ON grid.symbol = bars.symbol AND grid.day = bars.day AND grid.stretch = bars.stretch AND grid.minute >= bars.minute
    ),
    sampled AS (
      SELECT symbol, day, avg(square) AS square FROM (
        SELECT *, ln(price / lag(price, ${span}) OVER (PARTITION BY symbol, day, stretch ORDER BY minute)) ** 2 AS square FROM priced)
      GROUP BY symbol, day
    ),
    totals AS (SELECT symbol, day, sum(minutes) AS minutes FROM stretches GROUP BY ALL)
    SELECT symbol, day - DATE '1970-01-01', rv, bpv, square * minutes / ${span},
      CASE WHEN rv > 0 THEN sqrt(n) * cubes / rv ** 1.5 END, CASE WHEN rv > 0 THEN n * fourths / rv ** 2 END, n
    FROM sums JOIN sampled USING (symbol, day) JOIN totals USING (symbol, day) ORDER BY 1, 2`;

  function expectRows(rows: Rows, expected: readonly (readonly unknown[])[]): void {
    expect(rows.symbols.map((symbol, i) => [symbol, rows.ts[i]])).toEqual(
      expected.map(([symbol, ts]) => [symbol, BigInt(Number(ts))]),
    );
    expected.forEach(([symbol, ts, ...values], row) => {
      NAMES.forEach((name, i) => {
        const [ours, theirs] = [rows.columns[name]![row], values[i] ?? null];
        const where = JSON.stringify([name, symbol, Number(ts), ours, Number(theirs)]);
        if (ours === null || theirs === null) return expect(ours, where).toBe(theirs);
        // The skewness goes through zero: there the size of the terms it sums is the measure.
        const floor = name === "realized_skewness" ? 1 : 1e-9;
        const scale = Math.max(Math.abs(Number(theirs)), floor);
        expect(Math.abs(Number(ours) - Number(theirs)) / scale, where).toBeLessThan(1e-9);
      });
    });
  }

  test.each([5, 30])(
    "us-1min in samples of %s minutes: as DuckDB's joins and windows have it",
    async (span) => {
      const request = {
        function: "realized-intraday",
        dataset: "us",
        params: { sample_minutes: span },
      } as const;
      const rows = await functions.invoke(request);
      expect(rows.fields.slice(0, 3)).toEqual([
        "symbol: Dictionary<Int32, Utf8>",
        "ts: Date32<DAY>",
        "realized_variance: Float64",
      ]);
      const expected = await queryRows(measuresSql(US_BARS(), span));
      expectRows(rows, expected.filter(isThere(rows)));
      // The least traded name's last session may not reach its close: no other row is missing.
      expect(expected.length - rows.rowCount).toBeLessThanOrEqual(1);
      expect(rows.rowCount).toBeGreaterThan(300);
    },
  );

  const isThere = (rows: Rows) => {
    const known = new Set(rows.symbols.map((symbol, i) => `${symbol} ${rows.ts[i]}`));
    return ([symbol, ts]: readonly unknown[]) => known.has(`${String(symbol)} ${String(ts)}`);
  };

  test("cn-1min: 240 returns a day, two of them from an open and none over lunch", async () => {
    const rows = await functions.invoke({ function: "realized-intraday", dataset: "cn" });
    expectRows(rows, await queryRows(measuresSql(CN_BARS(), 5)));
    expect(rows.rowCount).toBe(60);
    expect(new Set(rows.columns["return_count"])).toEqual(new Set([240]));
  });

  test("has no row for the session that asOf leaves unfinished, and the same rows before it", async () => {
    const all = await functions.invoke({ function: "realized-intraday", dataset: "cn" });
    const day = (text: string) => BigInt(Date.parse(text) / 86_400_000);
    for (const [asOf, last] of [
      ["2023-03-10T02:30:00Z", "2023-03-09"],
      // Lunch: the morning is over, the session is not.
      ["2023-03-10T04:00:00Z", "2023-03-09"],
      ["2023-03-10T06:59:00Z", "2023-03-09"],
      ["2023-03-10T07:00:00Z", "2023-03-10"],
      ["2023-03-11T00:00:00Z", "2023-03-10"],
    ] as const) {
      const known = await functions.invoke({ function: "realized-intraday", dataset: "cn", asOf });
      expect([asOf, known.ts.at(-1)]).toEqual([asOf, day(last)]);
      expect(known.ts).toEqual(all.ts.slice(0, known.rowCount));
      for (const name of NAMES)
        expect(known.columns[name]).toEqual(all.columns[name]!.slice(0, known.rowCount));
    }
  });

  test("is published by session date, and is what a daily feature can run on", async () => {
    const { manifest } = await functions.publish({ function: "realized-intraday", dataset: "cn" });
    expect(manifest.rowCount).toBe(60);
    functions.write(
      "variance-ratio/index.ts",
      `import { defineFeature, float64, fromFunction, ratio } from "quiver";
       export default defineFeature({
         description: "Bipower variation by realized variance",
         inputs: {
           sessions: fromFunction("realized-intraday", { columns: { realized_variance: float64, bipower_variation: float64 } }),
         },
         outputs: { ratio },
         memory: { lookBack: 0 },
         handler({ sessions }, out) {
           out.ratio.set(sessions.bipower_variation.map((value, i) => value / sessions.realized_variance[i]!));
         },
       });`,
    );
    const rows = await functions.invoke({ function: "realized-intraday", dataset: "cn" });
    const ratios = await functions.invoke({ function: "variance-ratio", dataset: "cn" });
    expect(ratios.ts).toEqual(rows.ts);
    expect(ratios.columns["ratio"]).toEqual(
      rows.columns["bipower_variation"]!.map(
        (value, i) => Number(value) / Number(rows.columns["realized_variance"]![i]),
      ),
    );
  });
});

describe("realized-intraday", () => {
  const MINUTES = {
    sessions: [
      [570, 573],
      [600, 602],
    ] as const,
    intervalSeconds: 60,
    timezone: "UTC",
  };
  const run = (
    times: readonly string[],
    close: readonly (number | null)[],
    more: { open?: readonly (number | null)[]; clock?: object; params?: object } = {},
  ) => {
    const { open = close.map(() => 1), clock = {}, params = { sample_minutes: 1 } } = more;
    return runTable(realizedIntraday, {
      inputs: { bars: { open, close } },
      ts: times.map((time) => (time.length === 5 ? `2024-01-02T${time}Z` : time)),
      clock: { ...MINUTES, ...clock },
      params: { ...params },
    });
  };
  const DAY = ["09:30", "09:31", "09:32", "10:00", "10:01"];
  const e = Math.exp;

  test("by hand: five returns, of which the first and the fourth begin at an open", () => {
    // Returns 0.1, -0.2, 0.3 | 0.2, -0.1.
    const { columns } = run(DAY, [e(0.1), e(-0.1), e(0.2), e(0.2), e(0.1)]);
    const rv = 0.01 + 0.04 + 0.09 + 0.04 + 0.01;
    expect(columns.ts).toEqual([19_724]);
    expect(columns.return_count).toEqual([5]);
    expect(columns.realized_variance[0]).toBeCloseTo(rv, 14);
    expect(columns.bipower_variation[0]).toBeCloseTo((Math.PI / 2) * (0.02 + 0.06 + 0.06 + 0.02), 14);
    const cubes = 0.001 - 0.008 + 0.027 + 0.008 - 0.001;
    expect(columns.realized_skewness[0]).toBeCloseTo((Math.sqrt(5) * cubes) / rv ** 1.5, 13);
    const fourths = 0.0001 + 0.0016 + 0.0081 + 0.0016 + 0.0001;
    expect(columns.realized_kurtosis[0]).toBeCloseTo((5 * fourths) / rv ** 2, 13);
    expect(columns.subsampled_variance[0]).toBeCloseTo(rv, 14);
  });

  test("by hand: samples of two minutes overlap within a stretch, and are made up to the session's length", () => {
    const { columns } = run(DAY, [e(0.1), e(-0.1), e(0.2), e(0.2), e(0.1)], {
      params: { sample_minutes: 2 },
    });
    // From the open: 0, 0.1, -0.1, 0.2 and 0, 0.2, 0.1: three spans, in 5 / 2 of them.
    expect(columns.subsampled_variance[0]).toBeCloseTo(((0.01 + 0.01 + 0.01) / 3) * 2.5, 14);
  });

  test("of a stretch shorter than a sample takes the others alone", () => {
    const { columns } = run(DAY, [e(0.1), e(-0.1), e(0.2), e(0.2), e(0.1)], {
      params: { sample_minutes: 3 },
    });
    expect(columns.subsampled_variance[0]).toBeCloseTo(0.04, 14);
    expect(run(DAY, [1, 2, 3, 4, 5], { params: { sample_minutes: 4 } }).columns.subsampled_variance).toEqual([
      null,
    ]);
  });

  test("holds the last price over minutes without bars, the first open before them", () => {
    const { columns } = run(["09:31", "10:01"], [e(0.3), e(0.1)]);
    expect(columns.return_count).toEqual([2]);
    expect(columns.realized_variance[0]).toBeCloseTo(0.1, 14);
    expect(columns.subsampled_variance[0]).toBeCloseTo(0.1, 14);
  });

  test("goes over bars without a price, and begins at a close where the open is null", () => {
    const { columns } = run(DAY, [null, 2, 0, null, 4], { open: [1, null, 1, 1, 2] });
    expect(columns.return_count).toEqual([1]);
    expect(columns.realized_variance[0]).toBeCloseTo(Math.LN2 ** 2, 14);
    expect(columns.bipower_variation).toEqual([null]);
  });

  test("of a session without prices has a row of nulls, of one that did not move zeros", () => {
    const none = run(DAY, [null, null, null, null, null]).columns;
    const still = run(DAY, [1, 1, 1, 1, 1]).columns;
    for (const name of NAMES) {
      expect([name, none[name]]).toEqual([name, [name === "return_count" ? 0 : null]]);
    }
    expect(still.realized_variance).toEqual([0]);
    expect(still.bipower_variation).toEqual([0]);
    expect(still.subsampled_variance).toEqual([0]);
    expect(still.realized_skewness).toEqual([null]);
    expect(still.realized_kurtosis).toEqual([null]);
  });

  test("knows nothing of bars outside of trading, but that the session is over when they come after it", () => {
    const price = [1, 2, 3, 4];
    expect(run(["09:29", "09:30", "09:40", "10:00"], price).rowCount).toBe(0);
    const { columns } = run(["09:29", "09:30", "09:40", "10:02"], price);
    expect(columns.return_count).toEqual([1]);
    expect(columns.realized_variance[0]).toBeCloseTo(Math.LN2 ** 2, 14);
  });

  test("gives the last session a row when a bar ends with it, or a later day has one", () => {
    const counts = (times: readonly string[], clock = {}) =>
      run(
        times,
        times.map(() => 2),
        { clock },
      ).columns.return_count;
    expect(counts(["09:30", "10:00"])).toEqual([]);
    expect(counts(["09:30", "10:01"])).toEqual([2]);
    expect(counts(["09:30", "2024-01-03T09:00Z"])).toEqual([1]);
    expect(counts(["09:31", "10:01"], { stamp: "end" })).toEqual([]);
    expect(counts(["09:31", "10:02"], { stamp: "end" })).toEqual([2]);
    const half = { halfDays: [{ date: 19_724, closeMinute: 573 }] };
    expect(counts(["09:30", "09:32"], half)).toEqual([2]);
    expect(counts(["09:30", "09:31"], half)).toEqual([]);
  });

  test("gives every session the same row whatever comes after it", () => {
    const days = ["2024-01-02", "2024-01-03", "2024-01-04"];
    const times = days.flatMap((day) => DAY.map((time) => `${day}T${time}Z`));
    const close = times.map((_, i) => e(((i * 7919) % 37) / 100));
    const whole = run(times, close).columns;
    for (let cut = 1; cut <= times.length; cut++) {
      const part = run(times.slice(0, cut), close.slice(0, cut));
      expect([cut, part.rowCount]).toEqual([cut, Math.floor(cut / 5)]);
      for (const name of NAMES) expect(part.columns[name]).toEqual(whole[name].slice(0, part.rowCount));
    }
  });

  test("of no bars, and of bars outside of trading alone, has no rows", () => {
    const none = { inputs: { bars: { open: [], close: [] } }, ts: new BigInt64Array(0) };
    expect(runTable(realizedIntraday, { ...none, clock: { intervalSeconds: 60 } }).rowCount).toBe(0);
    expect(run(["08:00", "20:00"], [1, 2]).rowCount).toBe(0);
  });

  test("refuses daily bars, and samples that are no multiple of the bars", () => {
    const given = { inputs: { bars: { open: [1], close: [1] } }, ts: ["2024-01-02"] };
    expect(() => runTable(realizedIntraday, given)).toThrow(
      "realized-intraday works on intraday bars; this dataset is daily. Name an intraday dataset.",
    );
    expect(() => run(DAY, [1, 1, 1, 1, 1], { clock: { intervalSeconds: 120 }, params: {} })).toThrow(
      "realized-intraday cannot take returns over 5 minutes from bars of 120 seconds. " +
        "Give a sample_minutes that is a multiple of the bars' length.",
    );
  });
});
