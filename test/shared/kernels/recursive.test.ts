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
import { describeRecursiveKernel, type RecursiveKernel } from "./describe-recursive-kernel.ts";
import { seededRandom, walk } from "./series.ts";

const smoothing = { stateLength: smoothingStateLength, outputs: 1 };
const KERNELS: Readonly<Record<string, RecursiveKernel>> = {
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
    run: (v, [a, b, c], state) => macd(v, { fast: 12, slow: 26, signal: 9 }, a!, b!, c!, { state }),
  },
  "macd, first seed": {
    stateLength: macdStateLength,
    outputs: 3,
    first: [0, 0, 0],
    run: (v, [a, b, c], state) =>
      macd(v, { fast: 12, slow: 26, signal: 9, seeding: "first" }, a!, b!, c!, { state }),
  },
  "macd with the longer average named fast": {
    stateLength: macdStateLength,
    outputs: 3,
    first: [25, 33, 33],
    run: (v, [a, b, c], state) => macd(v, { fast: 26, slow: 12, signal: 9 }, a!, b!, c!, { state }),
  },
};

for (const [name, kernel] of Object.entries(KERNELS)) describeRecursiveKernel(name, kernel);

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
