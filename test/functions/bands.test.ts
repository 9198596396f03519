import { runFeature } from "quiver/testing";
import { describe, expect, test } from "vitest";
import bands from "../../functions/bands/index.ts";
import { type Bars, barsWalk, cutBars } from "../shared/kernels/bands/bars.ts";
import { firstValue } from "../shared/kernels/series.ts";
import { expectResumes } from "./expect-resumes.ts";
import { largestRelativeDifference, numbersOf, queryColumns, usDailyBars } from "../support/query-columns.ts";
import { hasRealData } from "../support/real-data.ts";
import { compareWithReference, hasReferenceSeries, referenceQuotes } from "../support/reference-series.ts";

type Given = Record<keyof Bars, ArrayLike<number>>;

const run = ({ high, low, close }: Given, params: Record<string, unknown> = {}) =>
  runFeature(bands, { inputs: { bars: { high, low, close } }, params });
const nullsOf = (series: Float64Array, from: number) =>
  Array.from(series.keys()).filter((row) => row >= from && Number.isNaN(series[row]));

/** Small windows, all of different lengths. */
const SHORT = {
  bollinger_period: 5,
  keltner_period: 4,
  keltner_atr_period: 3,
  donchian_period: 6,
  chandelier_period: 7,
  starc_period: 3,
  starc_atr_period: 4,
  envelope_period: 8,
};

describe.skipIf(!hasReferenceSeries)(
  "bands of the reference's quotes (skipped where ../shared is absent)",
  () => {
    const quotes = () => {
      const { high, low, close } = referenceQuotes();
      return { high, low, close };
    };

    test.each([
      ["bollinger_middle", "bb", "sma", 19],
      ["bollinger_upper", "bb", "upperBand", 19],
      ["bollinger_lower", "bb", "lowerBand", 19],
      ["bollinger_percent_b", "bb", "percentB", 19],
      ["bollinger_bandwidth", "bb", "width", 19],
      ["keltner_middle", "keltner", "centerline", 19],
      ["keltner_upper", "keltner", "upperBand", 19],
      ["keltner_lower", "keltner", "lowerBand", 19],
      ["keltner_width", "keltner", "width", 19],
      ["donchian_middle", "donchian", "centerline", 20],
      ["donchian_upper", "donchian", "upperBand", 20],
      ["donchian_lower", "donchian", "lowerBand", 20],
      ["donchian_width", "donchian", "width", 20],
      ["chandelier_long", "chexit", "chandelierExit", 22],
      ["starc_middle", "starc", "centerline", 4],
      ["starc_upper", "starc", "upperBand", 10],
      ["starc_lower", "starc", "lowerBand", 10],
      ["envelope_upper", "ma-env", "upperEnvelope", 19],
      ["envelope_lower", "ma-env", "lowerEnvelope", 19],
    ] as const)(
      "%s is %s %s from bar %i, Donchian's without the bar itself",
      (series, expectedFile, field, firstIndex) => {
        const { outputs } = run(quotes(), { donchian_lag: 1 });
        const largest = compareWithReference({
          group: "bands",
          series,
          expectedFile,
          field,
          actual: outputs[series],
          firstIndex,
        });
        expect(largest).toBeLessThan(1e-9);
      },
    );
  },
);

describe.skipIf(!hasRealData)("bands of real bars (skipped where ../shared is absent)", () => {
  test("windows with the bar itself, and exits of both sides, are what SQL says of them", async () => {
    const last = (n: number) => `over (order by row rows between ${n - 1} preceding and current row)`;
    const columns = await queryColumns(`
      with recursive bars as (
        select row + 1 as row, high, low, close,
          greatest(high, lag(close) over (order by row)) - least(low, lag(close) over (order by row)) as tr
        from (${usDailyBars(["IBM"])}) where row < 500
      ),
      atr as (
        select 23::bigint as row, avg(tr) as atr from bars where row between 2 and 23
        union all
        select bars.row, (21 * atr + tr) / 22 from atr join bars on bars.row = atr.row + 1
      )
      select high, low, close,
        if(row < 20, null, max(high) ${last(20)}) as donchian_upper,
        if(row < 20, null, min(low) ${last(20)}) as donchian_lower,
        if(row < 20, null, (max(high) ${last(20)} + min(low) ${last(20)}) / 2) as donchian_middle,
        if(row < 20, null, avg(close) ${last(20)} + 2 * stddev_pop(close) ${last(20)}) as bollinger_upper,
        max(high) ${last(22)} - 3 * atr as chandelier_long,
        min(low) ${last(22)} + 3 * atr as chandelier_short
      from bars left join atr using (row) order by row`);
    const bars = {
      high: numbersOf(columns, "high"),
      low: numbersOf(columns, "low"),
      close: numbersOf(columns, "close"),
    };
    expect(bars.close.length).toBe(500);
    const { outputs } = run(bars);
    for (const [name, first] of [
      ["donchian_upper", 19],
      ["donchian_lower", 19],
      ["donchian_middle", 19],
      ["bollinger_upper", 19],
      ["chandelier_long", 22],
      ["chandelier_short", 22],
    ] as const) {
      expect([name, firstValue(outputs[name])]).toEqual([name, first]);
      const difference = largestRelativeDifference(outputs[name], numbersOf(columns, name));
      expect([name, difference < 1e-9]).toEqual([name, true]);
    }
  });
});

describe("bands", () => {
  test("by hand: three bars, windows of two", () => {
    const bars = { high: [3, 6, 5], low: [1, 2, 4], close: [2, 4, 5] };
    const { outputs } = run(bars, {
      bollinger_period: 2,
      donchian_period: 2,
      envelope_period: 2,
      envelope_percent: 10,
      starc_period: 2,
      starc_atr_period: 2,
      chandelier_period: 2,
      keltner_period: 2,
      keltner_atr_period: 2,
    });
    const last = Object.fromEntries(Object.entries(outputs).map(([name, values]) => [name, values[2]]));
    // True ranges of the second and third bar: 4 and 1, so 2.5 on average; the average of the close goes 3, 13 / 3.
    const wanted = {
      bollinger_middle: 4.5,
      bollinger_upper: 5.5,
      bollinger_lower: 3.5,
      bollinger_percent_b: 0.75,
      bollinger_bandwidth: 2 / 4.5,
      keltner_middle: 13 / 3,
      keltner_upper: 13 / 3 + 5,
      keltner_lower: 13 / 3 - 5,
      keltner_width: 30 / 13,
      donchian_middle: 4,
      donchian_upper: 6,
      donchian_lower: 2,
      donchian_width: 1,
      chandelier_long: 6 - 7.5,
      chandelier_short: 2 + 7.5,
      starc_middle: 4.5,
      starc_upper: 9.5,
      starc_lower: -0.5,
      envelope_upper: 4.95,
      envelope_lower: 4.05,
    };
    expect(Object.keys(last)).toEqual(Object.keys(wanted));
    for (const [name, value] of Object.entries(wanted)) expect(last[name], name).toBeCloseTo(value, 13);
  });

  test("resumes bit for bit from the state it saved, wherever it is cut", () => {
    for (const nullShare of [0, 0.05]) {
      for (const params of [SHORT, { ...SHORT, donchian_lag: 3 }, {}]) {
        const bars = barsWalk(70, 5, nullShare);
        expectResumes(70, [0, 1, 2, 3, 5, 7, 8, 20, 23, 41, 69, 70], (from, to, saved) =>
          runFeature(bands, { inputs: { bars: { ...cutBars(bars, from, to) } }, params, ...saved }),
        );
      }
    }
  });

  test("a null close leaves what is made of highs and lows, and ranges only at its bar", () => {
    const bars = barsWalk(40, 3);
    const { outputs } = run({ ...bars, close: bars.close.with(20, NaN) }, SHORT);
    const rows = (from: number, count: number) => Array.from({ length: count }, (_, i) => from + i);
    expect(nullsOf(outputs.bollinger_middle, 10)).toEqual(rows(20, 5));
    expect(nullsOf(outputs.envelope_upper, 10)).toEqual(rows(20, 8));
    expect(nullsOf(outputs.starc_upper, 10)).toEqual(rows(20, 3));
    expect(nullsOf(outputs.donchian_middle, 10)).toEqual([]);
    expect(nullsOf(outputs.keltner_upper, 10)).toEqual([20]);
    expect(nullsOf(outputs.chandelier_long, 10)).toEqual([20]);
  });

  test("a null high empties the windows over highs alone, and ranges at its bar", () => {
    const bars = barsWalk(40, 3);
    const { outputs } = run({ ...bars, high: bars.high.with(20, NaN) }, SHORT);
    expect(nullsOf(outputs.donchian_upper, 10)).toEqual([20, 21, 22, 23, 24, 25]);
    expect(nullsOf(outputs.donchian_middle, 10)).toEqual([20, 21, 22, 23, 24, 25]);
    expect(nullsOf(outputs.donchian_lower, 10)).toEqual([]);
    expect(nullsOf(outputs.chandelier_long, 10)).toEqual([20, 21, 22, 23, 24, 25, 26]);
    expect(nullsOf(outputs.chandelier_short, 10)).toEqual([20]);
    expect(nullsOf(outputs.keltner_middle, 10)).toEqual([]);
    expect(nullsOf(outputs.keltner_lower, 10)).toEqual([20]);
    expect(nullsOf(outputs.bollinger_upper, 10)).toEqual([]);
  });

  test("of a price that does not move are that price, without a place between them", () => {
    const flat = new Float64Array(60).fill(0.1);
    const { outputs } = run({ high: flat, low: flat, close: flat });
    const { bollinger_percent_b: place, envelope_upper: above, envelope_lower: below, ...others } = outputs;
    expect(place[59]).toBeNaN();
    expect([above[59], below[59]]).toEqual([0.1 + 0.0025, 0.1 - 0.0025]);
    for (const [name, values] of Object.entries(others)) {
      const wanted = name.endsWith("width") ? 0 : 0.1;
      expect(values[59], name).toBeCloseTo(wanted, 15);
    }
    expect([outputs.bollinger_upper[59], outputs.bollinger_bandwidth[59]]).toEqual([0.1, 0]);
  });

  test("of one bar, of none, and of fewer than the windows take are null", () => {
    for (const length of [0, 1, 4]) {
      const { outputs } = run(barsWalk(length, 1));
      for (const [name, values] of Object.entries(outputs)) {
        expect([name, values.length, firstValue(values)]).toEqual([name, length, length]);
      }
    }
  });

  test("refuses a window of no bars, bands of no width and a window in the future", () => {
    const refused = (params: Record<string, unknown>) => expect(() => run(barsWalk(1, 1), params));
    refused({ bollinger_period: 0 }).toThrow(
      'Cannot use 0 for the parameter "bollinger_period": expected a whole number from 1 to 10000.',
    );
    refused({ keltner_multiplier: 0 }).toThrow(
      'Cannot use 0 for the parameter "keltner_multiplier": expected',
    );
    refused({ donchian_lag: -1 }).toThrow(
      'Cannot use -1 for the parameter "donchian_lag": expected a whole number from 0 to 10000.',
    );
  });
});
