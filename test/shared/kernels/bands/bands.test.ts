import { describe, expect, test } from "vitest";
import {
  bollinger,
  chandelier,
  chandelierStateLength,
  channelWidth,
  donchian,
  envelope,
  keltner,
  keltnerStateLength,
  rollingMean,
  rollingStd,
  starc,
  starcStateLength,
} from "../../../../shared/kernels/index.ts";
import { firstValue, walk } from "../series.ts";
import { allBits, type Bars, barsWalk, cutBars } from "./bars.ts";

const outputs = (count: number, length: number) =>
  Array.from({ length: count }, () => new Float64Array(length).fill(777));

function bollingerOf(values: Float64Array, period = 5, ordinal = 0, multiplier = 2): Float64Array[] {
  const [middle, upper, lower, percentB, bandwidth] = outputs(5, values.length);
  const options = { percentB: percentB!, bandwidth: bandwidth!, ordinal };
  bollinger(values, { period, multiplier }, middle!, upper!, lower!, options);
  return [middle!, upper!, lower!, percentB!, bandwidth!];
}

function donchianOf({ high, low }: Bars, period = 5, lag = 0): Float64Array[] {
  const [middle, upper, lower] = outputs(3, high.length);
  donchian(high, low, period, middle!, upper!, lower!, { lag });
  return [middle!, upper!, lower!];
}

function keltnerOf({ high, low, close }: Bars, state?: Float64Array): Float64Array[] {
  const [middle, upper, lower] = outputs(3, high.length);
  keltner(high, low, close, { period: 7, atrPeriod: 4 }, middle!, upper!, lower!, { state });
  return [middle!, upper!, lower!];
}

function chandelierOf({ high, low, close }: Bars, state?: Float64Array): Float64Array[] {
  const [long, short] = outputs(2, high.length);
  chandelier(high, low, close, { period: 6 }, long!, short!, { state });
  return [long!, short!];
}

/** Called with the ordinal of its first bar, as in a handler. */
function starcOf({ high, low, close }: Bars, state?: Float64Array, ordinal = 0): Float64Array[] {
  const [middle, upper, lower] = outputs(3, high.length);
  const params = { period: 5, atrPeriod: 4, multiplier: 3 };
  starc(high, low, close, params, middle!, upper!, lower!, { state, ordinal });
  return [middle!, upper!, lower!];
}

describe("bollinger()", () => {
  test("is the rolling mean and two of its deviations, for any period", () => {
    const values = walk(200, 3, 0.01);
    for (const period of [1, 2, 7, 20, 200]) {
      const [mean, deviation] = outputs(2, 200);
      rollingMean(values, period, mean!);
      rollingStd(values, period, deviation!);
      const [middle, upper, lower] = bollingerOf(values, period);
      for (let i = 0; i < 200; i++) {
        expect([period, i, Number.isNaN(middle![i])]).toEqual([period, i, Number.isNaN(mean![i])]);
        if (Number.isNaN(mean![i])) continue;
        expect(middle![i]).toBeCloseTo(mean![i]!, 10);
        expect(upper![i]).toBeCloseTo(mean![i]! + 2 * deviation![i]!, 10);
        expect(lower![i]).toBeCloseTo(mean![i]! - 2 * deviation![i]!, 10);
      }
    }
  });

  test("by hand: 1 2 3 with period 3 and one deviation", () => {
    const deviation = Math.sqrt(2 / 3);
    const last = bollingerOf(Float64Array.of(1, 2, 3), 3, 0, 1).map((line) => line[2]);
    const wanted = [2, 2 + deviation, 2 - deviation, (1 + deviation) / (2 * deviation), deviation];
    last.forEach((value, i) => expect(value).toBeCloseTo(wanted[i]!, 14));
  });

  test("of equal values is that value three times, without a place between the bands", () => {
    const values = Float64Array.of(9, -4, ...new Float64Array(20).fill(0.1));
    const [middle, upper, lower, percentB, bandwidth] = bollingerOf(values, 5);
    for (let i = 6; i < values.length; i++) {
      expect([middle![i], upper![i], lower![i]]).toEqual([0.1, 0.1, 0.1]);
      expect([percentB![i], bandwidth![i]]).toEqual([NaN, 0]);
    }
  });

  test("has no bandwidth around a middle of 0", () => {
    const [middle, , , percentB, bandwidth] = bollingerOf(Float64Array.of(-1, 1), 2);
    expect([middle![1], percentB![1], bandwidth![1]]).toEqual([0, 0.75, NaN]);
  });

  test("depends on its window and the ordinal alone", () => {
    const values = walk(150, 9, 0.02);
    const whole = bollingerOf(values, 20, 3);
    for (const start of [1, 16, 17, 40, 99]) {
      const later = bollingerOf(values.subarray(start), 20, 3 + start);
      expect(allBits(later, 19)).toEqual(allBits(whole, start + 19));
    }
  });

  test("is null in windows with a null or an infinite value and at no other bar", () => {
    for (const hole of [NaN, Infinity, -Infinity]) {
      const values = walk(30, 2).with(10, hole);
      const nulls = [...bollingerOf(values, 5)[3]!.entries()].filter(([, value]) => Number.isNaN(value));
      expect(nulls.map(([row]) => row)).toEqual([0, 1, 2, 3, 10, 11, 12, 13, 14]);
    }
  });

  test("is null throughout a series shorter than its window", () => {
    for (const length of [0, 1, 4]) {
      for (const line of bollingerOf(walk(length, 1))) expect(firstValue(line)).toBe(length);
    }
  });

  test("refuses a period, a width and an output that cannot be", () => {
    const values = walk(6, 1);
    expect(() => bollingerOf(values, 0)).toThrow(
      "Cannot compute bollinger: period is 0, expected a whole number of bars, at least 1.",
    );
    expect(() => bollingerOf(values, 5, 0, 0)).toThrow(
      "Cannot compute bollinger: multiplier is 0, expected a number above 0.",
    );
    expect(() => bollingerOf(values, 5, -1)).toThrow(
      "Cannot compute bollinger: ordinal is -1, expected the number of bars before row 0, at least 0.",
    );
    const percentB = new Float64Array(5);
    const [middle, upper, lower] = outputs(3, 6);
    expect(() => bollinger(values, { period: 2 }, middle!, upper!, lower!, { percentB })).toThrow(
      "Cannot compute bollinger: percentB has 5 elements, expected 6 as in the first argument.",
    );
  });
});

describe("donchian()", () => {
  const bars = {
    high: Float64Array.of(5, 7, 6, 4, 9),
    low: Float64Array.of(3, 4, 2, 1, 5),
    close: new Float64Array(5),
  };

  test("by hand: with the bar itself, and without it one bar later", () => {
    expect(donchianOf(bars, 2).map((line) => [...line])).toEqual([
      [NaN, 5, 4.5, 3.5, 5],
      [NaN, 7, 7, 6, 9],
      [NaN, 3, 2, 1, 1],
    ]);
    expect(donchianOf(bars, 2, 1).map((line) => [...line])).toEqual([
      [NaN, NaN, 5, 4.5, 3.5],
      [NaN, NaN, 7, 7, 6],
      [NaN, NaN, 3, 2, 1],
    ]);
  });

  test("depends on its window alone, lag included", () => {
    const whole = barsWalk(80, 5, 0.03);
    for (const lag of [0, 1, 3]) {
      const all = donchianOf(whole, 10, lag);
      for (const start of [1, 9, 30]) {
        expect(allBits(donchianOf(cutBars(whole, start), 10, lag), 9 + lag)).toEqual(
          allBits(all, start + 9 + lag),
        );
      }
    }
  });

  test("is null in windows with a null, each line for its own column", () => {
    const high = bars.high.with(1, NaN);
    expect(donchianOf({ ...bars, high }, 2).map((line) => [...line].map(Number.isNaN))).toEqual([
      [true, true, true, false, false],
      [true, true, true, false, false],
      [true, false, false, false, false],
    ]);
  });

  test("with a lag longer than the series is null throughout", () => {
    for (const line of donchianOf(bars, 2, 7)) expect(firstValue(line)).toBe(5);
    expect(() => donchianOf(bars, 2, -1)).toThrow(
      "Cannot compute donchian: lag is -1, expected a whole number of bars, at least 0.",
    );
  });
});

describe.each([
  ["keltner", keltnerOf, keltnerStateLength, [6, 6, 6]],
  ["chandelier", chandelierOf, chandelierStateLength(6), [6, 6]],
  ["starc", starcOf, starcStateLength(5), [4, 4, 4]],
] as const)("%s()", (name, run, stateLength, first) => {
  test("has its first value where its documentation says", () => {
    expect(run(barsWalk(40, 1)).map(firstValue)).toEqual(first);
    for (const length of [0, 1, 5]) {
      expect(run(barsWalk(length, 1)).map(firstValue)).toEqual(first.map((row) => Math.min(row, length)));
    }
  });

  test("resumed from its state at any cut, or bar by bar, gives the same bits and the same state", () => {
    for (const nullShare of [0, 0.1]) {
      const bars = barsWalk(60, 6, nullShare);
      const wholeState = new Float64Array(stateLength);
      const whole = allBits(run(bars, wholeState));
      const cuttings = [
        ...Array.from({ length: 61 }, (_, cut) => [0, cut, 60]),
        Array.from(Array(61).keys()),
      ];
      for (const cuts of cuttings) {
        const state = new Float64Array(stateLength);
        const pieces = cuts
          .slice(1)
          .map((to, i) => allBits(run(cutBars(bars, cuts[i]!, to), state, cuts[i])));
        expect(whole.map((_, k) => pieces.flatMap((piece) => piece[k]!))).toEqual(whole);
        expect(allBits([state])).toEqual(allBits([wholeState]));
      }
    }
  });

  test("refuses outputs of another length, a short state and a width that cannot be", () => {
    const { high, low, close } = barsWalk(10, 1);
    expect(() => run({ high, low, close: close.subarray(1) })).toThrow(
      `Cannot compute ${name}: close has 9 elements, expected 10 as in the first argument.`,
    );
    expect(() => run({ high, low, close }, new Float64Array(stateLength - 1))).toThrow(
      `Cannot compute ${name}: state has ${stateLength - 1} elements, expected ${stateLength}.`,
    );
  });
});

describe("keltner()", () => {
  test("by hand: an average of two closes, a true range smoothed over two", () => {
    const [high, low] = [Float64Array.of(3, 5, 6, 6), Float64Array.of(1, 2, 4, 3)];
    const close = Float64Array.of(2, 4, 5, 5);
    const [middle, upper, lower] = outputs(3, 4);
    keltner(high, low, close, { period: 2, atrPeriod: 2, multiplier: 3 }, middle!, upper!, lower!);
    const third = (1 / 3) * 3 + (2 / 3) * 5;
    const range = (3 + 2) / 2;
    expect([...middle!.subarray(0, 2)]).toEqual([NaN, 3]);
    expect([...upper!.subarray(0, 2)]).toEqual([NaN, NaN]);
    expect(middle![2]).toBeCloseTo(third, 14);
    expect(upper![2]).toBeCloseTo(third + 3 * range, 14);
    expect(lower![2]).toBeCloseTo(third - 3 * range, 14);
    expect(upper![3]! - lower![3]!).toBeCloseTo(6 * ((range + 3) / 2), 13);
  });

  test("goes on after a bar with a null, as if it were absent, and begins with the first value if told", () => {
    const bars = barsWalk(30, 2);
    const hole = 12;
    const holed = { ...bars, close: bars.close.with(hole, NaN) };
    const without = (series: Float64Array) => series.filter((_, i) => i !== hole);
    const dense = { high: without(bars.high), low: without(bars.low), close: without(bars.close) };
    expect(allBits(keltnerOf(holed).map(without))).toEqual(allBits(keltnerOf(dense)));
    const [middle, upper, lower] = outputs(3, 30);
    const params = { period: 7, atrPeriod: 4, seeding: "first" } as const;
    keltner(bars.high, bars.low, bars.close, params, middle!, upper!, lower!);
    expect([middle!, upper!, lower!].map(firstValue)).toEqual([0, 4, 4]);
    expect(() =>
      keltner(bars.high, bars.low, bars.close, { period: 7, multiplier: NaN }, middle!, upper!, lower!),
    ).toThrow("Cannot compute keltner: multiplier is NaN, expected a number above 0.");
  });
});

describe("chandelier()", () => {
  test("by hand: highest high less three true ranges of one unit each", () => {
    const close = Float64Array.of(10, 11, 12, 11);
    const { long, short } = {
      long: new Float64Array(4),
      short: new Float64Array(4),
    };
    const high = close.map((value) => value + 0.5);
    const low = close.map((value) => value - 0.5);
    chandelier(high, low, close, { period: 2 }, long, short);
    // True ranges: 1.5 each, from the previous close to the far end of the bar.
    expect([...long]).toEqual([NaN, NaN, 12.5 - 4.5, 12.5 - 4.5]);
    expect([...short]).toEqual([NaN, NaN, 10.5 + 4.5, 10.5 + 4.5]);
  });

  test("is null for as long as a null high is in its window, and goes on", () => {
    const bars = barsWalk(30, 4);
    const [long, short] = chandelierOf({ ...bars, high: bars.high.with(15, NaN) });
    expect([...long!.entries()].filter(([i, v]) => i > 5 && Number.isNaN(v)).map(([i]) => i)).toEqual([
      15, 16, 17, 18, 19, 20,
    ]);
    expect([...short!.entries()].filter(([i, v]) => i > 5 && Number.isNaN(v)).map(([i]) => i)).toEqual([15]);
  });
});

describe("starc()", () => {
  test("is the mean of the closes and three average true ranges from it", () => {
    const bars = barsWalk(30, 8);
    const [middle, upper, lower] = starcOf(bars);
    const [mean, keltnerMiddle, keltnerUpper, keltnerLower] = outputs(4, 30);
    rollingMean(bars.close, 5, mean!);
    const params = { period: 2, atrPeriod: 4, multiplier: 3 };
    keltner(bars.high, bars.low, bars.close, params, keltnerMiddle!, keltnerUpper!, keltnerLower!);
    expect(allBits([middle!])).toEqual(allBits([mean!]));
    for (let i = 4; i < 30; i++) {
      expect(upper![i]! - lower![i]!).toBeCloseTo(keltnerUpper![i]! - keltnerLower![i]!, 12);
      expect((upper![i]! + lower![i]!) / 2).toBeCloseTo(mean![i]!, 12);
    }
  });
});

describe("envelope()", () => {
  test("by hand: a half above and below the mean of two", () => {
    const [middle, upper, lower] = outputs(3, 3);
    envelope(Float64Array.of(1, 3, NaN), { period: 2, percent: 50 }, middle!, upper!, lower!);
    expect([middle, upper, lower].map((line) => [...line!])).toEqual([
      [NaN, 2, NaN],
      [NaN, 3, NaN],
      [NaN, 1, NaN],
    ]);
  });

  test("refuses a width, an ordinal and an output that cannot be", () => {
    const [middle, upper, lower] = outputs(3, 3);
    const run = (percent: number, ordinal = 0, length = 3) =>
      envelope(new Float64Array(length), { period: 2, percent }, middle!, upper!, lower!, { ordinal });
    expect(() => run(0)).toThrow("Cannot compute envelope: percent is 0, expected a number above 0.");
    expect(() => run(1, 0.5)).toThrow(
      "Cannot compute envelope: ordinal is 0.5, expected the number of bars before row 0, at least 0.",
    );
    expect(() => run(1, 0, 4)).toThrow(
      "Cannot compute envelope: middle has 3 elements, expected 4 as in the first argument.",
    );
  });
});

describe("channelWidth()", () => {
  test("is null around 0 and refuses lines of different lengths", () => {
    const out = new Float64Array(2);
    channelWidth(Float64Array.of(4, 0), Float64Array.of(6, 1), Float64Array.of(2, -1), out);
    expect([...out]).toEqual([1, NaN]);
    expect(() => channelWidth(out, out, new Float64Array(3), out)).toThrow(
      "Cannot compute channelWidth: lower has 3 elements, expected 2 as in the first argument.",
    );
  });
});
