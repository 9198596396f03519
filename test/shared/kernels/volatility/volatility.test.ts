import {
  type BarPrices,
  closeToCloseVolatility,
  garmanKlassVolatility,
  parkinsonVolatility,
  rogersSatchellVolatility,
  type VolatilityOptions,
  yangZhangVolatility,
} from "quiver/kernels";
import { describe, expect, test } from "vitest";
import { bitsOf, firstValue, seededRandom } from "../series.ts";

interface Estimator {
  /** Number of bars before its own that a value depends on, beyond `period - 1`. */
  readonly more: number;
  readonly reads: readonly (keyof BarPrices)[];
  readonly run: (bars: BarPrices, period: number, out: Float64Array, options?: VolatilityOptions) => void;
}

const ALL = ["open", "high", "low", "close"] as const;
const ESTIMATORS: Readonly<Record<string, Estimator>> = {
  closeToCloseVolatility: {
    more: 1,
    reads: ["close"],
    run: ({ close }, period, out, options) => closeToCloseVolatility(close, period, out, options),
  },
  parkinsonVolatility: {
    more: 0,
    reads: ["high", "low"],
    run: ({ high, low }, period, out, options) => parkinsonVolatility(high, low, period, out, options),
  },
  garmanKlassVolatility: { more: 0, reads: ALL, run: garmanKlassVolatility },
  rogersSatchellVolatility: { more: 0, reads: ALL, run: rogersSatchellVolatility },
  yangZhangVolatility: { more: 1, reads: ALL, run: yangZhangVolatility },
};

function barsOf(length: number, seed: number): BarPrices {
  const random = seededRandom(seed);
  const bars = {
    open: new Float64Array(length),
    high: new Float64Array(length),
    low: new Float64Array(length),
    close: new Float64Array(length),
  };
  let price = 100;
  for (let i = 0; i < length; i++) {
    bars.open[i] = price *= 1 + (random() - 0.5) * 0.02;
    bars.close[i] = price *= 1 + (random() - 0.5) * 0.03;
    bars.high[i] = Math.max(bars.open[i]!, price) * (1 + random() * 0.01);
    bars.low[i] = Math.min(bars.open[i]!, price) * (1 - random() * 0.01);
  }
  return bars;
}

const map = (bars: BarPrices, change: (column: Float64Array, name: keyof BarPrices) => Float64Array) => ({
  open: change(bars.open, "open"),
  high: change(bars.high, "high"),
  low: change(bars.low, "low"),
  close: change(bars.close, "close"),
});

describe.each(Object.keys(ESTIMATORS))("%s()", (name) => {
  const { more, reads, run } = ESTIMATORS[name]!;
  const compute = (bars: BarPrices, period = 10, options?: VolatilityOptions) => {
    const out = new Float64Array(bars.close.length).fill(777);
    run(bars, period, out, options);
    return out;
  };

  test("has its first value where its documentation says, and none on a shorter series", () => {
    expect(firstValue(compute(barsOf(40, 1)))).toBe(9 + more);
    expect(firstValue(compute(barsOf(9 + more, 1)))).toBe(9 + more);
    expect([...compute(barsOf(1, 1))]).toEqual([NaN]);
    expect([...compute(barsOf(0, 1))]).toEqual([]);
  });

  test("is as precise as its formula, written out over each window", () => {
    const bars = barsOf(60, 2);
    const out = compute(bars);
    for (let i = 9 + more; i < 60; i++) {
      expect(Math.abs(out[i]! / NAIVE[name]!(bars, i - 9, i + 1) - 1), `bar ${i}`).toBeLessThan(1e-11);
    }
  });

  test("has the same bits from any start, told the ordinal, once its look-back is there", () => {
    const bars = barsOf(100, 3);
    const whole = bitsOf(compute(bars));
    for (const from of [1, 4, 9, 10, 11, 37, 60]) {
      const part = compute(
        map(bars, (column) => column.subarray(from)),
        10,
        { ordinal: from },
      );
      expect([from, bitsOf(part).slice(9 + more)]).toEqual([from, whole.slice(from + 9 + more)]);
    }
  });

  test("is null while a price that it reads is null, infinite, zero or negative in its window, and at no other bar", () => {
    for (const hole of [NaN, Infinity, -Infinity, 0, -1]) {
      for (const column of ALL) {
        const holed = barsOf(60, 4);
        holed[column][30] = hole;
        const out = compute(holed);
        const nulls = [...out.keys()].filter((i) => i >= 9 + more && Number.isNaN(out[i]));
        if (!reads.includes(column)) {
          expect([hole, column, nulls]).toEqual([hole, column, []]);
          continue;
        }
        // The next bar does not use a bar's open, but it does use its close if gaps count.
        const last = column === "close" ? 39 + more : 39;
        const expected = Array.from({ length: last - 29 }, (_, i) => 30 + i);
        expect([hole, column, nulls]).toEqual([hole, column, expected]);
      }
    }
  });

  test("is exactly 0 while nothing moves", () => {
    const still = map(barsOf(30, 1), (column) => column.map(() => 12.34));
    expect(new Set(compute(still).subarray(9 + more))).toEqual(new Set([0]));
  });

  test("is the same in another currency", () => {
    const bars = barsOf(60, 5);
    const [one, other] = [
      compute(bars),
      compute(map(bars, (column) => column.map((value) => value * 0.0171))),
    ];
    one.forEach((value, i) => {
      if (!Number.isNaN(value)) expect(other[i]! / value).toBeCloseTo(1, 10);
    });
  });

  test("is scaled by the square root of the bars in a year", () => {
    const bars = barsOf(30, 6);
    const [bar, year] = [compute(bars), compute(bars, 10, { barsPerYear: 252 })];
    for (let i = 9 + more; i < 30; i++) expect(year[i]! / bar[i]!).toBeCloseTo(Math.sqrt(252), 12);
  });

  test("refuses a period, a column and a scale that do not fit, by name", () => {
    const bars = barsOf(20, 7);
    for (const period of [0, -1, 1.5, NaN]) {
      expect(() => compute(bars, period)).toThrow(
        new RegExp(
          `^Cannot compute ${name}: period is ${period}, expected a whole number of bars, at least [12]\\.$`,
        ),
      );
    }
    for (const barsPerYear of [0, -252, NaN, Infinity]) {
      expect(() => compute(bars, 10, { barsPerYear })).toThrow(
        `Cannot compute ${name}: barsPerYear is ${barsPerYear}, expected a number above 0: 252 for daily bars, 1 for no scaling.`,
      );
    }
    expect(() => run(bars, 10, new Float64Array(19))).toThrow(
      `Cannot compute ${name}: out has 19 elements, expected 20 as in the first argument.`,
    );
    expect(() => compute(bars, 10, { ordinal: -1 })).toThrow(/ordinal is -1, expected the number of bars/);
  });
});

/** The estimators computed again, over the bars from `from` to before `to`, with the engine's own logarithm. */
const NAIVE: Readonly<Record<string, (bars: BarPrices, from: number, to: number) => number>> = {
  closeToCloseVolatility: ({ close }, from, to) =>
    Math.sqrt(variance(each(from, to, (i) => Math.log(close[i]! / close[i - 1]!)))),
  parkinsonVolatility: ({ high, low }, from, to) =>
    Math.sqrt(mean(each(from, to, (i) => Math.log(high[i]! / low[i]!) ** 2)) / (4 * Math.LN2)),
  garmanKlassVolatility: ({ open, high, low, close }, from, to) =>
    Math.sqrt(
      mean(each(from, to, (i) => 0.5 * Math.log(high[i]! / low[i]!) ** 2)) -
        (2 * Math.LN2 - 1) * mean(each(from, to, (i) => Math.log(close[i]! / open[i]!) ** 2)),
    ),
  rogersSatchellVolatility: (bars, from, to) => Math.sqrt(rogersSatchell(bars, from, to)),
  yangZhangVolatility(bars, from, to) {
    const { open, close } = bars;
    const n = to - from;
    const k = 0.34 / (1.34 + (n + 1) / (n - 1));
    const night = variance(each(from, to, (i) => Math.log(open[i]! / close[i - 1]!)));
    const day = variance(each(from, to, (i) => Math.log(close[i]! / open[i]!)));
    return Math.sqrt(night + k * day + (1 - k) * rogersSatchell(bars, from, to));
  },
};

function rogersSatchell({ open, high, low, close }: BarPrices, from: number, to: number): number {
  return mean(
    each(from, to, (i) => {
      const [up, down, end] = [high[i]!, low[i]!, close[i]!].map((value) => Math.log(value / open[i]!));
      return up! * (up! - end!) + down! * (down! - end!);
    }),
  );
}

function each(from: number, to: number, value: (i: number) => number): number[] {
  return Array.from({ length: to - from }, (_, i) => value(from + i));
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

function variance(values: readonly number[]): number {
  const middle = mean(values);
  return values.reduce((sum, value) => sum + (value - middle) ** 2, 0) / (values.length - 1);
}

describe("volatility by hand", () => {
  test("of two bars: Parkinson's is the root mean square of the ranges by 2 sqrt(ln 2)", () => {
    const out = new Float64Array(2);
    parkinsonVolatility(Float64Array.of(Math.E, Math.E ** 2), Float64Array.of(1, 1), 2, out);
    expect(out[1]).toBeCloseTo(Math.sqrt(2.5) / (2 * Math.sqrt(Math.LN2)), 14);
  });

  test("close to close of the returns 0.1 and 0.3 is 0.1 * sqrt(2)", () => {
    const out = new Float64Array(3);
    closeToCloseVolatility(Float64Array.of(1, Math.exp(0.1), Math.exp(0.4)), 2, out);
    expect(out[2]).toBeCloseTo(0.1 * Math.SQRT2, 14);
  });

  test("a bar that opens at its low and closes at its high has no Rogers-Satchell volatility", () => {
    const up = {
      open: Float64Array.of(1, 1.1),
      high: Float64Array.of(1.1, 1.3),
      low: Float64Array.of(1, 1.1),
      close: Float64Array.of(1.1, 1.3),
    };
    const out = new Float64Array(2);
    rogersSatchellVolatility(up, 2, out);
    expect([...out]).toEqual([NaN, 0]);
  });

  test("a close far outside of its range leaves nothing to take a root of", () => {
    const dirty = {
      open: Float64Array.of(1, 1),
      high: Float64Array.of(1, 1),
      low: Float64Array.of(1, 1),
      close: Float64Array.of(2, 2),
    };
    const out = new Float64Array(2);
    garmanKlassVolatility(dirty, 1, out);
    expect([...out]).toEqual([NaN, NaN]);
  });

  test("Yang and Zhang's needs two bars", () => {
    const out = new Float64Array(3);
    expect(() => yangZhangVolatility(barsOf(3, 1), 1, out)).toThrow(
      "Cannot compute yangZhangVolatility: period is 1, expected a whole number of bars, at least 2.",
    );
  });
});
