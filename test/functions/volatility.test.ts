import { runFeature } from "quiver/testing";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import volatility from "../../functions/volatility/index.ts";
import { type OpenedFunctions, openFunctions, type Rows } from "../support/open-functions.ts";
import { queryRows } from "../support/open-loading.ts";
import { dataFile, hasRealData, importDataset } from "../support/real-data.ts";
import { compareWithReference, hasReferenceSeries, referenceQuotes } from "../support/reference-series.ts";
import { bitsOf, seededRandom } from "../shared/kernels/series.ts";

const NAMES = [
  "true_range",
  "atr",
  "atr_percent",
  "stdev",
  "z_score",
  "close_to_close",
  "parkinson",
  "garman_klass",
  "rogers_satchell",
  "yang_zhang",
] as const;

describe.skipIf(!hasReferenceSeries)(
  "volatility against Stock.Indicators (skipped: ../shared is absent)",
  () => {
    const outputsOf = () => {
      const { open, high, low, close } = referenceQuotes();
      const inputs = { bars: { open, high, low, close } };
      // 14 bars are what the reference's deviations are taken over.
      return runFeature(volatility, { inputs, params: { period: 14 } }).outputs;
    };

    test.each([
      ["true_range", "tr", "tr"],
      ["atr", "atr", "atr"],
      ["atr_percent", "atr", "atrp"],
      ["true_range", "atr", "tr"],
      ["stdev", "stdev", "stdDev"],
      ["z_score", "stdev", "zScore"],
    ] as const)("%s is %s.standard.json's %s", (series, expectedFile, field) => {
      const actual = outputsOf()[series];
      compareWithReference({ group: "volatility", series, expectedFile, field, actual });
    });
  },
);

describe.skipIf(!hasRealData)("volatility of real days against DuckDB (skipped: ../shared is absent)", () => {
  let functions: OpenedFunctions;
  beforeAll(async () => {
    functions = await openFunctions();
    const file = `${functions.dataDir}-days.parquet`;
    await queryRows(
      `COPY (SELECT * EXCLUDE (seen) FROM '${dataFile("us-daily/observations.parquet")}'
             WHERE hash(symbol) % 300 = 7 OR symbol = 'AAPL'
             QUALIFY row_number() OVER (PARTITION BY symbol, date ORDER BY seen DESC, volume) = 1
             ORDER BY symbol, date) TO '${file}'`,
    );
    await importDataset(functions, { dataset: "days", files: [file], calendar: "us-equities" });
  });
  afterAll(() => functions.close());

  /** Windows of DuckDB over the rows that were imported; a window counts where all of its terms are there. */
  const expectedSql = (n: number) => {
    const k = `(0.34 / (1.34 + (${n} + 1.0) / (${n} - 1.0)))`;
    const all = (term: string, value: string) => `CASE WHEN count(${term}) OVER w = ${n} THEN ${value} END`;
    return `
      WITH bars AS (
        SELECT symbol, ts, CASE WHEN open > 0 THEN open::DOUBLE END AS o, CASE WHEN high > 0 THEN high::DOUBLE END AS h,
               CASE WHEN low > 0 THEN low::DOUBLE END AS l, CASE WHEN close > 0 THEN close::DOUBLE END AS c
        FROM '${functions.dataDir}/days/bars/*.parquet'
      ), terms AS (
        SELECT *, lag(c) OVER s AS p, ln(c / lag(c) OVER s) AS r, ln(h / l) ** 2 AS hl, ln(c) - ln(o) AS co,
               ln(o) - ln(lag(c) OVER s) AS night,
               (ln(h) - ln(o)) * (ln(h) - ln(o) - ln(c) + ln(o)) + (ln(l) - ln(o)) * (ln(l) - ln(c)) AS rs
        FROM bars WINDOW s AS (PARTITION BY symbol ORDER BY ts)
      )
      SELECT symbol, ts - DATE '1970-01-01', CASE WHEN p IS NOT NULL THEN greatest(h - l, abs(h - p), abs(l - p)) END,
        ${all("c", "stddev_pop(c) OVER w")}, ${all("c", "(c - avg(c) OVER w) / nullif(stddev_pop(c) OVER w, 0)")},
        ${all("r", "stddev_samp(r) OVER w")},
        ${all("hl", "sqrt(avg(hl) OVER w / ln(16))")},
        ${all("hl", "sqrt(greatest(avg(0.5 * hl - (ln(4) - 1) * co * co) OVER w, 0))")},
        ${all("hl", "sqrt(greatest(avg(rs) OVER w, 0))")},
        ${all("night", `sqrt(greatest(var_samp(night) OVER w + ${k} * var_samp(co) OVER w + (1 - ${k}) * avg(rs) OVER w, 0))`)}
      FROM terms WINDOW w AS (PARTITION BY symbol ORDER BY ts ROWS ${n - 1} PRECEDING) ORDER BY 1, 2`;
  };

  const COLUMNS = ["true_range", ...NAMES.slice(3)] as const;

  /** The largest relative difference of each column; deviations under a millionth are compared as they stand. */
  function differences(rows: Rows, expected: readonly (readonly unknown[])[]): Record<string, number> {
    expect(rows.rowCount).toBe(expected.length);
    const largest: Record<string, number> = {};
    expected.forEach(([symbol, ts, ...values], row) => {
      expect([rows.symbols[row], rows.ts[row]]).toEqual([symbol, BigInt(Number(ts))]);
      COLUMNS.forEach((name, i) => {
        const [ours, theirs] = [rows.columns[name]![row], values[i]];
        if (ours === null || theirs === null || theirs === undefined) {
          expect([symbol, ts, name, ours]).toEqual([symbol, ts, name, theirs ?? null]);
          return;
        }
        const difference =
          Math.abs(Number(ours) - Number(theirs)) /
          Math.max(Math.abs(Number(theirs)), name === "z_score" ? 1 : 1e-3);
        largest[name] = Math.max(largest[name] ?? 0, difference);
      });
    });
    return largest;
  }

  test.each([2, 20, 63])("over %s bars is DuckDB's to 1e-9", async (period) => {
    const rows = await functions.invoke({ function: "volatility", dataset: "days", params: { period } });
    const largest = differences(rows, await queryRows(expectedSql(period)));
    expect(rows.rowCount).toBeGreaterThan(5_000);
    expect(new Set(rows.symbols).size).toBeGreaterThan(10);
    expect(Object.keys(largest).toSorted()).toEqual([...COLUMNS].toSorted());
    for (const [name, difference] of Object.entries(largest)) expect(difference, name).toBeLessThan(1e-9);
  });

  test("gives the same bits from any day on, and for one symbol alone", async () => {
    const all = await functions.invoke({ function: "volatility", dataset: "days" });
    const some = await functions.invoke({
      function: "volatility",
      dataset: "days",
      symbols: ["AAPL"],
      from: "2016-06-01",
    });
    const from = BigInt(Date.parse("2016-06-01") / 86_400_000);
    const rows = all.ts.flatMap((ts, row) => (all.symbols[row] === "AAPL" && ts >= from ? [row] : []));
    expect(some.rowCount).toBe(rows.length);
    expect(rows.length).toBeGreaterThan(150);
    for (const name of NAMES) {
      expect([name, some.columns[name]]).toEqual([name, rows.map((row) => all.columns[name]![row])]);
    }
  });
});

describe("volatility", () => {
  interface Bars {
    readonly open: Float64Array;
    readonly high: Float64Array;
    readonly low: Float64Array;
    readonly close: Float64Array;
  }

  function barsOf(length: number, seed: number, nullShare = 0): Bars {
    const random = seededRandom(seed);
    const column = () => new Float64Array(length);
    const bars = { open: column(), high: column(), low: column(), close: column() };
    let value = 50;
    for (let i = 0; i < length; i++) {
      bars.open[i] = value *= 1 + (random() - 0.5) * 0.02;
      bars.close[i] = value *= 1 + (random() - 0.5) * 0.03;
      bars.high[i] = Math.max(bars.open[i]!, value) * (1 + random() * 0.01);
      bars.low[i] = Math.min(bars.open[i]!, value) * (1 - random() * 0.01);
      if (random() < nullShare) bars.high[i] = NaN;
      if (random() < nullShare) bars.close[i] = NaN;
    }
    return bars;
  }

  const cut = ({ open, high, low, close }: Bars, from: number, to?: number): Bars => ({
    open: open.slice(from, to),
    high: high.slice(from, to),
    low: low.slice(from, to),
    close: close.slice(from, to),
  });

  const run = (bars: Bars, more: { state?: Float64Array; ordinal?: number; params?: object } = {}) => {
    const { open, high, low, close } = bars;
    const { params = { period: 10, atr_period: 5 }, ...rest } = more;
    return runFeature(volatility, {
      inputs: { bars: { open, high, low, close } },
      ...rest,
      params: { ...params },
    });
  };

  test("resumes bit for bit from the state it saved, wherever it is cut", () => {
    for (const nullShare of [0, 0.05]) {
      const bars = barsOf(70, 11, nullShare);
      const whole = run(bars);
      for (const at of [1, 2, 5, 9, 10, 11, 25, 69]) {
        const first = run(cut(bars, 0, at));
        const rest = run(cut(bars, at), { state: first.state, ordinal: at });
        for (const name of NAMES) {
          const joined = [...bitsOf(first.outputs[name]), ...bitsOf(rest.outputs[name])];
          expect([at, name, joined]).toEqual([at, name, bitsOf(whole.outputs[name])]);
        }
        expect(bitsOf(rest.state)).toEqual(bitsOf(whole.state));
      }
    }
  });

  test("resumes bar by bar too", () => {
    const bars = barsOf(40, 12);
    const whole = run(bars);
    let state: Float64Array = new Float64Array(whole.state.length);
    const pieces = Array.from({ length: 40 }, (_, i) => {
      const piece = run(cut(bars, i, i + 1), { state, ordinal: i });
      ({ state } = piece);
      return piece.outputs;
    });
    for (const name of NAMES) {
      expect([name, pieces.flatMap((piece) => bitsOf(piece[name]))]).toEqual([
        name,
        bitsOf(whole.outputs[name]),
      ]);
    }
  });

  test("has its first values at the bars that its documentation names", () => {
    const { outputs } = run(barsOf(40, 13));
    const first = Object.fromEntries(
      NAMES.map((name) => [name, outputs[name].findIndex((value) => !Number.isNaN(value))]),
    );
    expect(first).toEqual({
      true_range: 1,
      atr: 5,
      atr_percent: 5,
      stdev: 9,
      z_score: 9,
      close_to_close: 10,
      parkinson: 9,
      garman_klass: 9,
      rogers_satchell: 9,
      yang_zhang: 10,
    });
  });

  test("by hand: three bars, windows of two", () => {
    const { outputs } = run(
      {
        open: Float64Array.of(10, 11, 12),
        high: Float64Array.of(12, 13, 12),
        low: Float64Array.of(9, 10, 10),
        close: Float64Array.of(11, 12, 10),
      },
      { params: { period: 2, atr_period: 2 } },
    );
    expect([...outputs.true_range]).toEqual([NaN, 3, 2]);
    expect([...outputs.atr]).toEqual([NaN, NaN, 2.5]);
    expect([...outputs.atr_percent]).toEqual([NaN, NaN, 25]);
    expect([...outputs.stdev]).toEqual([NaN, 0.5, 1]);
    expect([...outputs.z_score]).toEqual([NaN, 1, -1]);
    // Two returns: the sample deviation is half their distance times sqrt(2).
    const [first, second] = [Math.log(12 / 11), Math.log(10 / 12)];
    expect(outputs.close_to_close[2]).toBeCloseTo(Math.abs(first - second) / Math.SQRT2, 14);
    const ranges = Math.log(1.3) ** 2 + Math.log(1.2) ** 2;
    expect(outputs.parkinson[2]).toBeCloseTo(Math.sqrt(ranges / 2 / (4 * Math.LN2)), 14);
    const bodies = Math.log(12 / 11) ** 2 + Math.log(10 / 12) ** 2;
    expect(outputs.garman_klass[2]).toBeCloseTo(
      Math.sqrt(ranges / 4 - ((2 * Math.LN2 - 1) * bodies) / 2),
      14,
    );
    // The last bar opens at its high and closes at its low: it adds nothing.
    const term = Math.log(13 / 12) * Math.log(13 / 11) + Math.log(10 / 12) * Math.log(10 / 11);
    expect(outputs.rogers_satchell[2]).toBeCloseTo(Math.sqrt(term / 2), 14);
    // Both bars open where the one before closed: there is no variance overnight.
    const k = 0.34 / (1.34 + 3);
    const day = (first - second) ** 2 / 2;
    expect(outputs.yang_zhang[2]).toBeCloseTo(Math.sqrt(k * day + ((1 - k) * term) / 2), 14);
  });

  test("of bars that do not move is 0, and a price of zero has none", () => {
    const still = new Float64Array(30).fill(7);
    const { outputs } = run({ open: still, high: still, low: still, close: still });
    for (const name of NAMES) {
      expect([name, outputs[name][29]]).toEqual([name, name === "z_score" ? NaN : 0]);
    }
    const zero = new Float64Array(30);
    const none = run({ open: zero, high: zero, low: zero, close: zero });
    expect(none.warnings).toEqual([]);
    for (const name of ["atr_percent", "z_score", ...NAMES.slice(5)] as const) {
      expect([name, none.outputs[name][29]]).toEqual([name, NaN]);
    }
  });

  test("of one bar, and of fewer bars than a window, is null", () => {
    for (const length of [0, 1, 4]) {
      const { outputs } = run(barsOf(length, 14));
      for (const name of NAMES.slice(1)) expect([...outputs[name]].every(Number.isNaN)).toBe(true);
      expect(outputs.true_range.length).toBe(length);
    }
  });

  test("refuses windows and scales that cannot be", () => {
    const bars = barsOf(3, 1);
    expect(() => run(bars, { params: { period: 1 } })).toThrow(
      'Cannot use 1 for the parameter "period": expected a whole number from 2 to 10000.',
    );
    expect(() => run(bars, { params: { atr_period: 0 } })).toThrow(
      'Cannot use 0 for the parameter "atr_period": expected a whole number from 1 to 10000.',
    );
    expect(() => run(bars, { params: { bars_per_year: 0 } })).toThrow(
      'Cannot use 0 for the parameter "bars_per_year": expected a number above 0.',
    );
  });
});
