import { describe, expect, test } from "vitest";
import {
  ema,
  macd,
  macdStateLength,
  rsi,
  rsiStateLength,
  smoothingStateLength,
  wilder,
} from "../../../shared/kernels/index.ts";
import { bitsOf, firstValue, seededRandom, walk } from "./series.ts";

interface Recursive {
  readonly stateLength: number;
  readonly outputs: number;
  /** Index of the first value of each output on a series without nulls. */
  readonly first: readonly number[];
  run(values: Float64Array, outs: readonly Float64Array[], state?: Float64Array): void;
}

const smoothing = { stateLength: smoothingStateLength, outputs: 1 };
const KERNELS: Readonly<Record<string, Recursive>> = {
  "ema, mean seed": { ...smoothing, first: [19], run: (v, [a], state) => ema(v, 20, a!, { state }) },
  "ema, first seed": {
    ...smoothing,
    first: [0],
    run: (v, [a], state) => ema(v, 20, a!, { seeding: "first", state }),
  },
  "ema of one bar": { ...smoothing, first: [0], run: (v, [a], state) => ema(v, 1, a!, { state }) },
  "wilder, mean seed": { ...smoothing, first: [13], run: (v, [a], state) => wilder(v, 14, a!, { state }) },
  "wilder, first seed": {
    ...smoothing,
    first: [0],
    run: (v, [a], state) => wilder(v, 14, a!, { seeding: "first", state }),
  },
  "rsi, wilder": {
    stateLength: rsiStateLength,
    outputs: 1,
    first: [14],
    run: (v, [a], state) => rsi(v, 14, a!, { state }),
  },
  "rsi, span": {
    stateLength: rsiStateLength,
    outputs: 1,
    first: [1],
    run: (v, [a], state) => rsi(v, 14, a!, { smoothing: "span", state }),
  },
  "macd, mean seed": {
    stateLength: macdStateLength,
    outputs: 3,
    first: [25, 33, 33],
    run: (v, [a, b, c], state) => macd(v, { fast: 12, slow: 26, signal: 9 }, a!, b!, c!, state),
  },
  "macd, first seed": {
    stateLength: macdStateLength,
    outputs: 3,
    first: [0, 0, 0],
    run: (v, [a, b, c], state) =>
      macd(v, { fast: 12, slow: 26, signal: 9, seeding: "first" }, a!, b!, c!, state),
  },
  "macd with the longer average named fast": {
    stateLength: macdStateLength,
    outputs: 3,
    first: [25, 33, 33],
    run: (v, [a, b, c], state) => macd(v, { fast: 26, slow: 12, signal: 9 }, a!, b!, c!, state),
  },
};

describe.each(Object.keys(KERNELS))("%s", (name) => {
  const kernel = KERNELS[name]!;
  const outputsFor = (length: number) =>
    Array.from({ length: kernel.outputs }, () => new Float64Array(length).fill(NaN));
  const compute = (values: Float64Array, state?: Float64Array) => {
    const outs = outputsFor(values.length);
    kernel.run(values, outs, state);
    return outs;
  };

  test("has its first value where its documentation says", () => {
    expect(compute(walk(60, 1)).map(firstValue)).toEqual(kernel.first);
  });

  test("writes every element, whatever stood there", () => {
    const values = walk(60, 2, 0.2);
    const outs = outputsFor(60).map((out) => out.fill(777));
    kernel.run(values, outs);
    expect(outs.map(bitsOf)).toEqual(compute(values).map(bitsOf));
  });

  test("resumed from its state at any cut gives the same bits and the same state", () => {
    const random = seededRandom(4);
    for (let round = 0; round < 60; round++) {
      const values = walk(80, round, round % 3 === 0 ? 0.3 : 0);
      const wholeState = new Float64Array(kernel.stateLength);
      const whole = compute(values, wholeState).map(bitsOf);
      const cuts = [Math.floor(random() * 81), Math.floor(random() * 81)].toSorted((a, b) => a - b);
      const state = new Float64Array(kernel.stateLength);
      const pieces = [
        values.subarray(0, cuts[0]),
        values.subarray(cuts[0], cuts[1]),
        values.subarray(cuts[1]),
      ].map((piece) => compute(piece, state).map(bitsOf));
      const joined = whole.map((_, output) => pieces.flatMap((piece) => piece[output]!));
      expect(joined).toEqual(whole);
      expect(bitsOf(state)).toEqual(bitsOf(wholeState));
    }
  });

  test("resumed bar by bar gives the same bits", () => {
    const values = walk(60, 8, 0.1);
    const state = new Float64Array(kernel.stateLength);
    const bars = Array.from(values, (value) => compute(Float64Array.of(value), state));
    const joined = outputsFor(60).map((_, output) => Float64Array.from(bars, (bar) => bar[output]![0]!));
    expect(joined.map(bitsOf)).toEqual(compute(values).map(bitsOf));
  });

  test("gives null at a null bar and elsewhere what it gives without the bar", () => {
    const values = walk(120, 3);
    for (const hole of [NaN, Infinity, -Infinity]) {
      const holed = values.map((value, i) => (i % 7 === 3 || i === 0 || (i > 50 && i < 55) ? hole : value));
      const kept = Array.from(holed.keys()).filter((i) => Number.isFinite(holed[i]));
      const dense = compute(Float64Array.from(kept, (i) => holed[i]!));
      const expected = outputsFor(120);
      kept.forEach((i, position) => expected.forEach((out, output) => (out[i] = dense[output]![position]!)));
      expect(compute(holed).map(bitsOf)).toEqual(expected.map(bitsOf));
    }
  });

  test("of a series shorter than its warm-up is null, of an empty one empty", () => {
    for (const length of [0, 1, 5]) {
      const outs = compute(walk(length, 1));
      outs.forEach((out, output) => {
        expect(out).toHaveLength(length);
        expect(firstValue(out)).toBe(Math.min(length, kernel.first[output]!));
      });
    }
  });

  test("of nulls only is null and leaves the fresh state", () => {
    const state = new Float64Array(kernel.stateLength);
    const outs = compute(new Float64Array(40).fill(NaN), state);
    expect(outs.every((out) => firstValue(out) === 40)).toBe(true);
    expect([...state]).toEqual(Array.from({ length: kernel.stateLength }, () => 0));
  });

  test("refuses outputs of another length and a state that is too short", () => {
    const values = walk(10, 1);
    expect(() => kernel.run(values, outputsFor(9))).toThrow(
      /has 9 elements, expected 10 as in the first argument\.$/,
    );
    const short = new Float64Array(kernel.stateLength - 1);
    expect(() => kernel.run(values, outputsFor(10), short)).toThrow(
      `state has ${kernel.stateLength - 1} elements, expected ${kernel.stateLength}.`,
    );
  });
});

describe("rsi()", () => {
  const rsiOf = (values: Float64Array, smoothing?: "wilder" | "span") => {
    const out = new Float64Array(values.length).fill(NaN);
    rsi(values, 3, out, { smoothing });
    return [...out];
  };

  test("is null while neither gains nor losses were seen, 100 without losses, 0 without gains", () => {
    expect(rsiOf(new Float64Array(6).fill(42))).toEqual([NaN, NaN, NaN, NaN, NaN, NaN]);
    expect(rsiOf(Float64Array.of(1, 2, 3, 4, 5))).toEqual([NaN, NaN, NaN, 100, 100]);
    expect(rsiOf(Float64Array.of(5, 4, 3, 2, 1), "span")).toEqual([NaN, 0, 0, 0, 0]);
  });

  test("is exactly 100 for rises of any size while nothing falls", () => {
    const random = seededRandom(6);
    let price = 1;
    const values = Float64Array.from({ length: 3_000 }, () => (price += random()));
    expect(new Set(rsiOf(values).slice(3))).toEqual(new Set([100]));
  });

  test("by hand: changes +1, -1, +2, then -3 with period 3", () => {
    const seed = (100 * (3 / 3)) / (3 / 3 + 1 / 3);
    const gain = (2 / 3) * 1;
    const loss = (2 / 3) * (1 / 3) + (1 / 3) * 3;
    const out = rsiOf(Float64Array.of(10, 11, 10, 12, 9));
    expect(out[3]).toBeCloseTo(seed, 12);
    expect(out[4]).toBeCloseTo((100 * gain) / (gain + loss), 12);
  });

  test("takes the change over a null bar from the last bar with a value", () => {
    expect(rsiOf(Float64Array.of(10, NaN, 11, 10, NaN, 12))).toEqual([
      NaN,
      NaN,
      NaN,
      NaN,
      NaN,
      rsiOf(Float64Array.of(10, 11, 10, 12))[3],
    ]);
  });
});

describe("periods", () => {
  const values = walk(5, 1);
  const out = new Float64Array(5);
  test.each([0, -1, 1.5, NaN, Infinity])("of %s bars are refused by name", (period) => {
    const message = (kernel: string, name: string) =>
      `Cannot compute ${kernel}: ${name} is ${period}, expected a whole number of bars, at least 1.`;
    expect(() => ema(values, period, out)).toThrow(message("ema", "period"));
    expect(() => wilder(values, period, out)).toThrow(message("wilder", "period"));
    expect(() => rsi(values, period, out)).toThrow(message("rsi", "period"));
    expect(() => macd(values, { fast: period, slow: 2, signal: 2 }, out, out, out)).toThrow(
      message("macd", "fast"),
    );
    expect(() => macd(values, { fast: 2, slow: period, signal: 2 }, out, out, out)).toThrow(
      message("macd", "slow"),
    );
    expect(() => macd(values, { fast: 2, slow: 2, signal: period }, out, out, out)).toThrow(
      message("macd", "signal"),
    );
  });
});
