import { runFeature } from "quiver/testing";
import { describe, expect, test } from "vitest";
import volumeLiquidity from "../../functions/volume-liquidity/index.ts";
import { moneyFlowVolume } from "../../shared/kernels/index.ts";
import { bitsOf, seededRandom, walk } from "../shared/kernels/series.ts";
import {
  largestRelativeDifference,
  numbersOf,
  type QueriedColumns,
  queryColumns,
  usDailyBars,
} from "../support/query-columns.ts";
import { hasRealData } from "../support/real-data.ts";
import { compareWithReference, hasReferenceSeries, referenceQuotes } from "../support/reference-series.ts";
import { NEW_YORK, usMinuteBars } from "./us-minutes.ts";

interface Bars {
  readonly high: ArrayLike<number | null>;
  readonly low: ArrayLike<number | null>;
  readonly close: ArrayLike<number | null>;
  readonly volume: ArrayLike<number | null>;
}

const run = ({ high, low, close, volume }: Bars, given: Partial<Parameters<typeof runFeature>[1]> = {}) =>
  runFeature(volumeLiquidity, { inputs: { bars: { high, low, close, volume } }, ...given });

const NAMES = [
  "obv",
  "adl",
  "chaikin_oscillator",
  "cmf",
  "mfi",
  "session_vwap",
  "moving_vwap",
  "vwma",
  "amihud",
] as const;

/** Minutes of one day in UTC from midnight on. */
const minutes = (length: number, first = 0) =>
  BigInt64Array.from({ length }, (_, i) => BigInt(1_704_067_200 + 60 * (first + i)) * 1_000_000n);

const part = (columns: QueriedColumns, symbol: string) => {
  const rows = [columns["symbol"]!.indexOf(symbol), columns["symbol"]!.lastIndexOf(symbol) + 1] as const;
  return (name: string) => numbersOf(columns, name).subarray(...rows);
};

function randomBars(length: number, seed: number, nullShare = 0) {
  const random = seededRandom(seed);
  const close = walk(length, seed, nullShare);
  return {
    close,
    high: close.map((price) => price * (1 + random() * 0.01)),
    low: close.map((price) => price * (1 - random() * 0.01)),
    volume: close.map(() => (random() < 0.1 ? 0 : Math.round(random() * 1e5))),
  };
}

describe.skipIf(!hasReferenceSeries)("volume-liquidity (skipped: the reference is absent)", () => {
  const quotes = hasReferenceSeries ? referenceQuotes() : undefined;

  test.each([
    ["obv", "obv", "obv"],
    ["adl", "adl", "adl"],
    ["chaikin_oscillator", "chaikin-osc", "oscillator"],
    ["cmf", "cmf", "cmf"],
    ["mfi", "mfi", "mfi"],
    ["vwma", "vwma", "vwma"],
  ] as const)("%s is the reference's, from the same bar", (series, expectedFile, field) => {
    const { outputs } = run(quotes!, { params: { vwma_period: 14 } });
    const actual = outputs[series];
    const largest = compareWithReference({ group: "volume-liquidity", series, expectedFile, field, actual });
    expect(largest).toBeLessThan(1e-9);
  });

  test("session_vwap is the reference's where all of its bars are minutes of one session", () => {
    const { session_vwap: actual } = run(quotes!, { ts: minutes(502) }).outputs;
    const field = { expectedFile: "vwap", field: "vwap" };
    const largest = compareWithReference({
      group: "volume-liquidity",
      series: "session_vwap",
      ...field,
      actual,
    });
    expect(largest).toBeLessThan(1e-9);
  });

  test("money flow volumes are the reference's", () => {
    const actual = new Float64Array(502);
    moneyFlowVolume(quotes!.high, quotes!.low, quotes!.close, quotes!.volume, actual);
    const field = { expectedFile: "adl", field: "moneyFlowVolume" };
    expect(
      compareWithReference({ group: "volume-liquidity", series: "moneyFlowVolume()", ...field, actual }),
    ).toBeLessThan(1e-9);
  });
});

describe.skipIf(!hasRealData)("volume-liquidity on real bars (skipped: ../shared is absent)", () => {
  test("amihud and the moving averages are what a second implementation in SQL gives on daily bars", async () => {
    // AKER and ARTW trade so little that whole days have no volume.
    const symbols = ["AAPL", "SBUX", "XOM", "AKER", "ARTW"];
    const expected = await queryColumns(`
      with bars as (${usDailyBars(symbols)}),
      impacts as (
        select *, abs(close / lag(close) over each - 1) / nullif(close * volume, 0) as impact,
          (high + low + close) / 3 as typical
        from bars window each as (partition by symbol order by date)
      )
      select symbol, row, high, low, close, volume,
        case when row >= 21 then 1e6 * avg(impact) over (w rows between 20 preceding and current row) end as amihud,
        case when row >= 19 then sum(typical * volume) over twenty / nullif(sum(volume) over twenty, 0) end as moving_vwap,
        case when row >= 19 then sum(close * volume) over twenty / nullif(sum(volume) over twenty, 0) end as vwma
      from impacts
      window w as (partition by symbol order by date),
        twenty as (partition by symbol order by date rows between 19 preceding and current row)
      order by symbol, date`);
    expect(numbersOf(expected, "volume").filter((shares) => shares === 0).length).toBeGreaterThan(0);
    for (const symbol of symbols) {
      const column = part(expected, symbol);
      const { outputs } = run({
        high: column("high"),
        low: column("low"),
        close: column("close"),
        volume: column("volume"),
      });
      for (const name of ["amihud", "moving_vwap", "vwma"] as const) {
        expect(largestRelativeDifference(outputs[name], column(name))).toBeLessThan(1e-9);
      }
    }
  });

  test("session_vwap is what a second implementation in SQL gives on minute bars, over a change of the clocks and half days", async () => {
    const expected = await queryColumns(`
      select *, case when inside then
        sum(case when inside then (high + low + close) / 3 * volume end) over session
          / nullif(sum(case when inside then volume end) over session, 0) end as session_vwap
      from (${usMinuteBars(["FDS", "AZO"], "2024-10-25", "2024-12-28")})
      window session as (partition by symbol, day order by us)
      order by symbol, us`);
    for (const symbol of ["FDS", "AZO"]) {
      const column = part(expected, symbol);
      const bars = {
        high: column("high"),
        low: column("low"),
        close: column("close"),
        volume: column("volume"),
      };
      const ts = BigInt64Array.from(column("us"), (us) => BigInt(us));
      expect(ts.length).toBeGreaterThan(1_000);
      const { outputs } = run(bars, { ts, clock: NEW_YORK });
      expect(outputs.session_vwap.filter((value) => Number.isNaN(value)).length).toBeGreaterThan(10);
      expect(largestRelativeDifference(outputs.session_vwap, column("session_vwap"))).toBeLessThan(1e-9);
    }
  });
});

describe("volume-liquidity", () => {
  const all = { cmf_period: 2, mfi_period: 2, vwap_period: 2, vwma_period: 2, amihud_period: 2 };

  test("by hand: four bars", () => {
    const { outputs } = run(
      { high: [12, 14, 13, 15], low: [8, 10, 11, 11], close: [10, 13, 12, 13], volume: [100, 200, 50, 0] },
      { params: { ...all, chaikin_fast: 1, chaikin_slow: 2 }, ts: minutes(4) },
    );
    // Multipliers 0, 1/2, 0, 0; typical prices 10, 37/3, 12, 13.
    expect([...outputs.obv]).toEqual([0, 200, 150, 150]);
    expect([...outputs.adl]).toEqual([0, 100, 100, 100]);
    expect(outputs.chaikin_oscillator[0]).toBeNaN();
    expect(outputs.chaikin_oscillator[1]).toBe(100 - 50);
    expect([...outputs.cmf]).toEqual([NaN, 100 / 300, 100 / 250, 0]);
    const money = [1_000, (37 / 3) * 200, 600];
    expect(outputs.mfi[2]).toBeCloseTo((100 * money[1]!) / (money[1]! + money[2]!), 12);
    expect(outputs.mfi[3]).toBe(0);
    expect(outputs.session_vwap[0]).toBe(10);
    expect(outputs.session_vwap[2]).toBeCloseTo((money[0]! + money[1]! + money[2]!) / 350, 12);
    expect(outputs.session_vwap[3]).toBe(outputs.session_vwap[2]);
    expect(outputs.moving_vwap[1]).toBeCloseTo((money[0]! + money[1]!) / 300, 12);
    expect(outputs.moving_vwap[3]).toBe(12);
    expect(outputs.vwma[2]).toBeCloseTo((13 * 200 + 12 * 50) / 250, 12);
    const impacts = [0.3 / 2_600, 1 / 13 / 600];
    expect(outputs.amihud[2]).toBeCloseTo((1e6 * (impacts[0]! + impacts[1]!)) / 2, 9);
    expect(outputs.amihud[3]).toBeCloseTo(1e6 * impacts[1]!, 9);
  });

  test("session_vwap starts anew with each session and is null outside of them", () => {
    const price = [10, 20, 30, 40, 50, 60];
    const ones = price.map(() => 1);
    const bars = { high: price, low: price, close: price, volume: ones };
    const ts = [
      "2024-07-02T19:58:00Z",
      "2024-07-02T19:59:00Z",
      "2024-07-02T20:00:00Z",
      "2024-07-03T13:29:00Z",
      "2024-07-03T13:30:00Z",
      "2024-07-03T17:00:00Z",
    ];
    const { outputs } = run(bars, { ts, clock: NEW_YORK });
    expect([...outputs.session_vwap]).toEqual([10, 15, NaN, NaN, 50, NaN]);
    // Stamped at its end, the bar of 16:00 is the session's last, and so is that of 13:00 on a half day.
    const ends = run(bars, { ts, clock: { ...NEW_YORK, stamp: "end" } }).outputs.session_vwap;
    expect([...ends]).toEqual([10, 15, 20, NaN, NaN, 60]);
    // A daily bar is a session.
    expect([...run(bars).outputs.session_vwap]).toEqual(price);
  });

  test("resumes bit for bit from the state it saved, at any cut, daily or by minute", () => {
    for (const [seed, given] of [
      [1, {}],
      [2, { params: all }],
      [3, { ts: minutes(150, 1_380) }],
    ] as const) {
      const bars = randomBars(150, seed, 0.05);
      const slice = (from: number, to: number): Bars => ({
        high: bars.high.slice(from, to),
        low: bars.low.slice(from, to),
        close: bars.close.slice(from, to),
        volume: bars.volume.slice(from, to),
      });
      const times = (from: number, to: number) =>
        "ts" in given
          ? { ts: given.ts.slice(from, to) }
          : { ts: Int32Array.from({ length: to - from }, (_, i) => from + i) };
      const whole = run(bars, { ...given, ...times(0, 150) });
      for (const cuts of [[1], [13, 14], [20, 21, 22], [60], [77, 149]]) {
        const ends = [...cuts, 150];
        let state: Float64Array | undefined;
        let from = 0;
        for (const to of ends) {
          const piece = run(slice(from, to), {
            ...given,
            ...times(from, to),
            ordinal: from,
            ...(state === undefined ? {} : { state }),
          });
          for (const name of NAMES) {
            expect([cuts, name, bitsOf(piece.outputs[name])]).toEqual([
              cuts,
              name,
              bitsOf(whole.outputs[name].slice(from, to)),
            ]);
          }
          state = piece.state.slice();
          from = to;
        }
        expect(bitsOf(state!)).toEqual(bitsOf(whole.state));
      }
    }
  });

  test("a null bar is null, is not in sums, and leaves windows when they have passed it", () => {
    const bars = randomBars(60, 5);
    const { outputs: clean } = run(bars, { params: all });
    for (const hole of [null, Infinity]) {
      for (const column of ["high", "low", "close", "volume"] as const) {
        const holed = {
          ...bars,
          [column]: Array.from(bars[column], (value, i) => (i === 30 ? hole : value)),
        };
        const { outputs, warnings } = run(holed, { params: all });
        expect(warnings).toEqual([]);
        for (const name of ["adl", "cmf", "session_vwap", "moving_vwap"] as const)
          expect(outputs[name][30]).toBeNaN();
        for (const name of ["cmf", "mfi", "moving_vwap", "vwma", "amihud"] as const) {
          expect(bitsOf(outputs[name].subarray(33))).toEqual(bitsOf(clean[name].subarray(33)));
        }
        expect(outputs.obv[31]).not.toBeNaN();
        expect(outputs.adl[31]).not.toBeNaN();
        const flow = clean.adl[30]! - clean.adl[29]!;
        expect(outputs.adl[59]!).toBeCloseTo(clean.adl[59]! - flow, 3);
      }
    }
  });

  test("where nothing moves or nothing is traded nothing is divided by zero", () => {
    const flat = Array.from({ length: 60 }, () => 10);
    const zeros = Array.from({ length: 60 }, () => 0);
    const still = run({ high: flat, low: flat, close: flat, volume: flat });
    expect(still.outputs.obv.at(-1)).toBe(0);
    expect(still.outputs.cmf.at(-1)).toBe(0);
    expect(still.outputs.mfi.at(-1)).toBeNaN();
    expect(still.outputs.vwma.at(-1)).toBe(10);
    expect(still.outputs.amihud.at(-1)).toBe(0);
    const idle = run({ high: flat.map((x) => x + 1), low: flat, close: flat, volume: zeros });
    for (const name of ["cmf", "mfi", "session_vwap", "moving_vwap", "vwma", "amihud"] as const) {
      expect([...idle.outputs[name]].every(Number.isNaN)).toBe(true);
    }
    expect([still.warnings, idle.warnings]).toEqual([[], []]);
    const worthless = run({ high: zeros, low: zeros, close: zeros, volume: flat });
    expect([...worthless.outputs.amihud].every(Number.isNaN)).toBe(true);
    expect(worthless.warnings).toEqual([]);
  });

  test("of one bar, and of windows longer than the series, gives what needs no more", () => {
    const one = run({ high: [12], low: [8], close: [11], volume: [100] }).outputs;
    expect(NAMES.filter((name) => !Number.isNaN(one[name][0]!))).toEqual(["obv", "adl", "session_vwap"]);
    expect(one.adl[0]).toBe(50);
    const { outputs } = run(randomBars(50, 1), {
      params: {
        cmf_period: 51,
        mfi_period: 50,
        vwap_period: 51,
        vwma_period: 51,
        amihud_period: 50,
        chaikin_slow: 51,
      },
    });
    const empty = NAMES.filter((name) => [...outputs[name]].every(Number.isNaN));
    expect(empty).toEqual(["chaikin_oscillator", "cmf", "mfi", "moving_vwap", "vwma", "amihud"]);
    expect(run({ high: [], low: [], close: [], volume: [] }).outputs.obv).toHaveLength(0);
  });
});
