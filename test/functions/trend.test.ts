import { runFeature } from "quiver/testing";
import { describe, expect, test } from "vitest";
import trend from "../../functions/trend/index.ts";
import {
  compareWithReference,
  hasReferenceSeries,
  referenceField,
  referenceQuotes,
} from "../support/reference-series.ts";
import { bitsOf, firstValue } from "../shared/kernels/series.ts";
import { type Bars, cutBars, madeBars, mapBars } from "../shared/kernels/made-bars.ts";
import { expectResumes } from "./expect-resumes.ts";

type Column = keyof ReturnType<typeof run>;

function run(bars: Partial<Bars>, params: Record<string, unknown> = {}) {
  return runFeature(trend, { inputs: { bars: pick(bars) }, params }).outputs;
}

const pick = ({ high = EMPTY, low = EMPTY, close = EMPTY }: Partial<Bars>) => ({ high, low, close });
const EMPTY = new Float64Array(0);

/** Null as NaN. */
const numbers = (series: readonly (number | null)[]) => Float64Array.from(series, (value) => value ?? NaN);

describe.skipIf(!hasReferenceSeries)("trend on the reference's quotes (skipped: ../shared is absent)", () => {
  const quotes = hasReferenceSeries ? referenceQuotes() : undefined;
  const outputs = run(quotes ?? {}, { aroon_ties: "earliest" });
  const REFERENCES: readonly (readonly [Column, string, string])[] = [
    ["plus_di", "adx", "pdi"],
    ["minus_di", "adx", "mdi"],
    ["adx", "adx", "adx"],
    ["adxr", "adx", "adxr"],
    ["aroon_up", "aroon", "aroonUp"],
    ["aroon_down", "aroon", "aroonDown"],
    ["aroon_oscillator", "aroon", "oscillator"],
    ["psar", "psar", "sar"],
    ["tenkan", "ichimoku", "tenkanSen"],
    ["kijun", "ichimoku", "kijunSen"],
    ["supertrend", "supertrend", "superTrend"],
    ["vortex_plus", "vortex", "pvi"],
    ["vortex_minus", "vortex", "nvi"],
  ];

  test.each(REFERENCES)("%s is %s.%s from the same bar on", (series, expectedFile, field) => {
    compareWithReference({ group: "trend", series, expectedFile, field, actual: outputs[series] });
  });

  test.each([
    ["senkou_a", "senkouSpanA"],
    ["senkou_b", "senkouSpanB"],
  ] as const)("%s is %s, which is stored 26 bars later", (series, field) => {
    const displaced = [...Array.from({ length: 26 }, () => NaN), ...outputs[series].subarray(0, -26)];
    compareWithReference({ group: "trend", series, expectedFile: "ichimoku", field, actual: displaced });
  });

  test("the directions are those of the reference's bands and reversals", () => {
    const upper = numbers(referenceField("supertrend", "upperBand"));
    const direction = outputs.supertrend_direction;
    const expected = upper.map((band, i) => (i < 10 ? NaN : Number.isNaN(band) ? 1 : -1));
    expect(direction).toEqual(expected);
    compareWithReference({
      group: "trend",
      series: "supertrend_direction",
      expectedFile: "supertrend",
      field: "upperBand",
      actual: outputs.supertrend.map((band, i) => (direction[i]! < 0 ? band : NaN)),
    });
    const turned = outputs.psar_direction.map((now, i, all) =>
      Number(i > 14 ? now !== all[i - 1] : i === 14),
    );
    expect(turned.subarray(14)).toEqual(numbers(referenceField("psar", "isReversal")).subarray(14));
  });

  test("aroon counts from the latest of equal extremes unless told", () => {
    const { high } = quotes!;
    const latest = run(quotes!).aroon_up;
    const differing = [...latest.keys()].filter((i) => latest[i] !== outputs.aroon_up[i] && i >= 25);
    expect(differing.length).toBeGreaterThan(0);
    for (const i of differing) {
      const window = high.subarray(i - 25, i + 1);
      const top = Math.max(...window);
      expect(window.filter((value) => value === top).length).toBeGreaterThan(1);
      expect(latest[i]).toBe((100 * window.lastIndexOf(top)) / 25);
    }
  });
});

describe("trend", () => {
  const SMALL = {
    adx_period: 3,
    aroon_period: 5,
    tenkan_period: 3,
    kijun_period: 5,
    senkou_b_period: 9,
    supertrend_period: 4,
    vortex_period: 4,
  };

  test("of a small panel, by hand", () => {
    const bars = {
      high: Float64Array.of(10, 11, 13, 12, 12),
      low: Float64Array.of(8, 9, 10, 10, 7),
      close: Float64Array.of(9, 10, 12, 11, 8),
    };
    const two = {
      adx_period: 2,
      aroon_period: 2,
      tenkan_period: 2,
      kijun_period: 3,
      senkou_b_period: 4,
      supertrend_period: 2,
      supertrend_multiplier: 1,
      vortex_period: 2,
    };
    const out = run(bars, two);
    // True ranges 2, 3, 2, 5; up 1, 2, 0, 0; down 0, 0, 0, 3.
    expect([...out.plus_di]).toEqual([NaN, NaN, 100 * (3 / 5), 100 * (1.5 / 4.5), 100 * (0.75 / 7.25)]);
    expect([...out.minus_di]).toEqual([NaN, NaN, 0, 0, 100 * (3 / 7.25)]);
    const index = 100 * ((3 - 0.75) / 3.75);
    expect([...out.adx.subarray(0, 4)]).toEqual([NaN, NaN, NaN, 100]);
    expect(out.adx[4]).toBeCloseTo((100 + index) / 2, 12);
    expect([...out.aroon_up]).toEqual([NaN, NaN, 100, 50, 0]);
    expect([...out.aroon_down]).toEqual([NaN, NaN, 0, 0, 100]);
    expect([...out.aroon_oscillator]).toEqual([NaN, NaN, 100, 50, -100]);
    expect([...out.tenkan]).toEqual([NaN, 9.5, 11, 11.5, 9.5]);
    expect([...out.kijun]).toEqual([NaN, NaN, 10.5, 11, 10]);
    expect([...out.senkou_a]).toEqual([NaN, NaN, 10.75, 11.25, 9.75]);
    expect([...out.senkou_b]).toEqual([NaN, NaN, NaN, 10.5, 10]);
    // Average ranges 2.5, 2.25, 3.625: bands 11.5 -/+ 2.5, 11 -/+ 2.25, 9.5 -/+ 3.625; the close of 8 is below 9.
    expect([...out.supertrend]).toEqual([NaN, NaN, 9, 9, 13.125]);
    expect([...out.supertrend_direction]).toEqual([NaN, NaN, 1, 1, -1]);
    expect([...out.vortex_plus]).toEqual([NaN, NaN, 7 / 5, 6 / 5, 4 / 7]);
    expect([...out.vortex_minus]).toEqual([NaN, NaN, 2 / 5, 4 / 5, 8 / 7]);
  });

  test("the stop and reverse of a small panel, by hand", () => {
    const bars = {
      high: Float64Array.of(10, 11, 12, 9, 8, 7.5),
      low: Float64Array.of(9, 10, 11, 8, 7, 6),
      close: Float64Array.of(9.5, 10.5, 11.5, 8.5, 7.5, 7),
    };
    const out = run(bars, { psar_step: 0.1, psar_maximum: 0.2 });
    // Rising to 12, turned at bar 3, where the guess ends; then the highs of two bars ago bound it, then it falls.
    expect([...out.psar_direction]).toEqual([NaN, NaN, NaN, NaN, -1, -1]);
    expect(out.psar[4]).toBe(12);
    expect(out.psar[5]).toBeCloseTo(12 + 0.2 * (7 - 12), 12);
  });

  test("resumes bit for bit from the state it saved, nulls or none", () => {
    for (const nullShare of [0, 0.1]) {
      const bars = madeBars(160, 5, nullShare);
      for (const params of [{}, SMALL]) {
        expectResumes(160, [1, 2, 9, 27, 52, 53, 100, 159], (from, to, saved) =>
          runFeature(trend, { inputs: { bars: pick(cutBars(bars, from, to)) }, params, ...saved }),
        );
      }
    }
  });

  test("has its ratios unchanged and its prices scaled when prices are adjusted by a factor of two", () => {
    const bars = madeBars(150, 9);
    const plain = run(bars, SMALL);
    const doubled = run(
      mapBars(bars, (value) => value * 2),
      SMALL,
    );
    for (const name of ["psar", "tenkan", "kijun", "senkou_a", "senkou_b", "supertrend"] as const) {
      expect([name, bitsOf(doubled[name])]).toEqual([name, bitsOf(plain[name].map((value) => value * 2))]);
    }
    for (const name of ["adx", "adxr", "plus_di", "aroon_up", "psar_direction", "vortex_minus"] as const) {
      expect([name, bitsOf(doubled[name])]).toEqual([name, bitsOf(plain[name])]);
    }
  });

  test("of one bar, of a flat series and of nulls only", () => {
    for (const values of Object.values(run(madeBars(1, 1)))) expect([...values]).toEqual([NaN]);
    const flat = new Float64Array(60).fill(42);
    const still = run({ high: flat, low: flat, close: flat }, SMALL);
    for (const name of [
      "plus_di",
      "minus_di",
      "adx",
      "adxr",
      "vortex_plus",
      "vortex_minus",
      "psar",
    ] as const) {
      expect([name, firstValue(still[name])]).toEqual([name, 60]);
    }
    expect([...new Set(still.tenkan.subarray(2))]).toEqual([42]);
    expect([...new Set(still.supertrend.subarray(4))]).toEqual([42]);
    expect([...new Set(still.aroon_up.subarray(5))]).toEqual([100]);
    const none = new Float64Array(30).fill(NaN);
    const { outputs, state } = runFeature(trend, {
      inputs: { bars: { high: none, low: none, close: none } },
      params: SMALL,
    });
    for (const [name, values] of Object.entries(outputs)) {
      expect([name, firstValue(values)]).toEqual([name, 30]);
    }
    // Only the tails of the windows know that there were bars.
    expect([...state.subarray(0, 12 + 10 + 7)]).toEqual(Array.from({ length: 29 }, () => 0));
  });

  test("refuses parameters that cannot be", () => {
    expect(() => run(madeBars(3, 1), { adx_period: 0 })).toThrow(
      'Cannot use 0 for the parameter "adx_period": expected a whole number from 1 to 10000.',
    );
    expect(() => run(madeBars(3, 1), { psar_step: 0.3, psar_maximum: 0.2 })).toThrow(
      'Cannot use 0.3 for the parameter "psar_step": expected at most psar_maximum.',
    );
  });
});
