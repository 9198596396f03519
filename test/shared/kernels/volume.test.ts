import { describe, expect, test } from "vitest";
import {
  accumulationDistribution,
  amihudIlliquidity,
  chaikinMoneyFlow,
  chaikinOscillator,
  moneyFlowIndex,
  moneyFlowVolume,
  movingVwap,
  onBalanceVolume,
  relativeVolume,
  sessionSlots,
  sessionVwap,
  typicalPrice,
  volumeWeightedMean,
} from "../../../shared/kernels/index.ts";
import { bitsOf, walk } from "./series.ts";

const high = walk(50, 1).map((price) => price + 1);
const low = walk(50, 1).map((price) => price - 1);
const close = walk(50, 1);
const volume = walk(50, 2).map(Math.round);
const sessions = Float64Array.from({ length: 50 }, (_, i) => Math.floor(i / 7));

type Run = (out: Float64Array, state?: Float64Array) => void;

const RECURSIVE: Readonly<Record<string, Run>> = {
  onBalanceVolume: (out, state) => onBalanceVolume(close, volume, out, { state }),
  accumulationDistribution: (out, state) =>
    accumulationDistribution(high, low, close, volume, out, { state }),
  chaikinOscillator: (out, state) => chaikinOscillator(close, out, { state }),
  sessionVwap: (out, state) => sessionVwap(sessions, high, low, close, volume, out, { state }),
};
const FINITE: Readonly<Record<string, (out: Float64Array, period: number) => void>> = {
  chaikinMoneyFlow: (out, period) => chaikinMoneyFlow(high, low, close, volume, period, out),
  moneyFlowIndex: (out, period) => moneyFlowIndex(high, low, close, volume, period, out),
  volumeWeightedMean: (out, period) => volumeWeightedMean(close, volume, period, out),
  movingVwap: (out, period) => movingVwap(high, low, close, volume, period, out),
  amihudIlliquidity: (out, period) => amihudIlliquidity(close, volume, period, out),
};
const EACH: Readonly<Record<string, Run>> = {
  typicalPrice: (out) => typicalPrice(high, low, close, out),
  moneyFlowVolume: (out) => moneyFlowVolume(high, low, close, volume, out),
};

describe.each(Object.entries({ ...RECURSIVE, ...EACH }))("%s()", (_, run) => {
  test("writes every element, whatever stood there", () => {
    const [out, other] = [new Float64Array(50).fill(777), new Float64Array(50)];
    run(out);
    run(other);
    expect(bitsOf(out)).toEqual(bitsOf(other));
    expect(out.includes(777)).toBe(false);
  });

  test("refuses an output of another length", () => {
    expect(() => run(new Float64Array(49))).toThrow(
      /has 49 elements, expected 50 as in the first argument\.$/,
    );
  });
});

test.each(Object.entries(RECURSIVE))("%s() refuses a state that is too short", (name, run) => {
  expect(() => run(new Float64Array(50), new Float64Array(0))).toThrow(
    new RegExp(`^Cannot compute ${name}: state has 0 elements, expected [1-9]\\.$`),
  );
});

describe.each(Object.entries(FINITE))("%s()", (name, run) => {
  test("writes every element, whatever stood there", () => {
    const [out, other] = [new Float64Array(50).fill(777), new Float64Array(50)];
    run(out, 5);
    run(other, 5);
    expect(bitsOf(out)).toEqual(bitsOf(other));
    expect(out.includes(777)).toBe(false);
  });

  test("refuses an output of another length and a period of no bars", () => {
    expect(() => run(new Float64Array(51), 5)).toThrow(
      `Cannot compute ${name}: out has 51 elements, expected 50 as in the first argument.`,
    );
    expect(() => run(new Float64Array(50), 0)).toThrow(
      `Cannot compute ${name}: period is 0, expected a whole number of bars, at least 1.`,
    );
  });
});

describe("amihudIlliquidity()", () => {
  test("leaves bars without trading out of the mean, and a close of zero before makes a null", () => {
    const out = new Float64Array(5);
    amihudIlliquidity(Float64Array.of(10, 11, 11, 0, 5), Float64Array.of(1, 1, 0, 1, 1), 2, out);
    expect(out[1]).toBeNaN();
    expect(out[2]).toBeCloseTo((1e6 * 0.1) / 11, 6);
    expect([...out.subarray(3)]).toEqual([NaN, NaN]);
  });
});

describe("relativeVolume()", () => {
  test("of two bars in one slot of a session takes the later as usual, and measures both", () => {
    const out = new Float64Array(5);
    const days = Float64Array.of(1, 1, 2, 2, 3);
    relativeVolume(Float64Array.of(5, 10, 20, 40, 80), days, new Float64Array(5), 1, out);
    expect([...out]).toEqual([NaN, NaN, 2, 4, 2]);
  });

  test("refuses columns of different lengths, and no sessions", () => {
    const [two, three] = [new Float64Array(2), new Float64Array(3)];
    expect(() => relativeVolume(two, two, three, 1, two)).toThrow(
      "Cannot compute relativeVolume: slots has 3 elements, expected 2 as in the first argument.",
    );
    expect(() => relativeVolume(two, two, two, 1, two, { usual: three })).toThrow(
      "Cannot compute relativeVolume: usual has 3 elements, expected 2 as in the first argument.",
    );
    expect(() => relativeVolume(two, two, two, 0, two)).toThrow(
      "Cannot compute relativeVolume: sessionCount is 0, expected a whole number of bars, at least 1.",
    );
  });
});

test("sessionSlots() numbers daily bars by their date, and intraday ones by date and place in the day", () => {
  const clock = {
    stamp: "start",
    intervalSeconds: 300,
    sessions: [[570, 960]],
    holidays: [1],
    halfDays: [],
  } as const;
  const [days, slots] = [new Float64Array(3), new Float64Array(3)];
  sessionSlots(Int32Array.of(4, 5, 9), { ...clock, utcOffsets: [] }, days, slots);
  expect([[...days], [...slots]]).toEqual([
    [4, 5, 9],
    [0, 0, 0],
  ]);
  const ts = BigInt64Array.from([570, 577, 1_440 + 600], (minute) => BigInt(minute) * 60_000_000n);
  sessionSlots(ts, { ...clock, utcOffsets: [{ fromMicros: 0, offsetSeconds: 0 }] }, days, slots);
  // The second day is a holiday.
  expect([[...days], [...slots]]).toEqual([
    [0, 0, NaN],
    [114, 115, NaN],
  ]);
});
