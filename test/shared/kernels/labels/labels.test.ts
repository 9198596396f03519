import { describe, expect, test } from "vitest";
import { forwardReturn, tripleBarrier } from "../../../../shared/kernels/index.ts";

const floats = (values: readonly number[]) => Float64Array.from(values);

describe("forwardReturn()", () => {
  const run = (entry: readonly number[], exit: readonly number[], entryLag: number, exitLag: number) => {
    const out = new Float64Array(entry.length).fill(777);
    forwardReturn(floats(entry), floats(exit), { entryLag, exitLag }, out);
    return [...out];
  };

  test("enters and leaves after the bar it is decided on", () => {
    expect(run([1, 10, 20, 40], [1, 15, 25, 50], 1, 2)).toEqual([1.5, 1.5, NaN, NaN]);
    expect(run([1, 10, 20, 40], [1, 15, 25, 50], 1, 1)).toEqual([0.5, 0.25, 0.25, NaN]);
  });

  test("is null without a price, at an entry of zero, and where the data ends first", () => {
    expect(run([1, NaN, 0, 4, 5], [1, 2, 3, NaN, 6], 1, 2)).toEqual([NaN, NaN, 0.5, NaN, NaN]);
    expect(run([1, 2], [1, 2], 1, 5)).toEqual([NaN, NaN]);
    expect(run([], [], 1, 1)).toEqual([]);
  });

  test("refuses a trade on the bar it is decided on, and one that ends before it begins", () => {
    expect(() => run([1], [1], 0, 1)).toThrow(
      "Cannot compute forwardReturn: entryLag is 0, expected a whole number of bars, at least 1.",
    );
    expect(() => run([1], [1], 3, 2)).toThrow(
      "Cannot compute forwardReturn: exitLag is 2, expected a whole number of bars, at least 3.",
    );
  });
});

describe("tripleBarrier()", () => {
  interface Given {
    /** Open, high, low, close of each bar. */
    readonly bars: readonly (readonly [number, number, number, number])[];
    readonly volatility?: readonly number[];
    readonly entry?: "open" | "close";
    readonly upper?: number;
    readonly lower?: number;
    readonly horizon?: number;
  }
  const run = ({ bars, volatility, entry = "open", upper = 1, lower = 1, horizon = 3 }: Given) => {
    const column = (index: 0 | 1 | 2 | 3) => floats(bars.map((bar) => bar[index]));
    const out = () => new Float64Array(bars.length).fill(777);
    const outputs = { label: out(), exitReturn: out(), held: out() };
    const given = {
      open: column(0),
      high: column(1),
      low: column(2),
      close: column(3),
      volatility: floats(volatility ?? bars.map(() => 0.1)),
    };
    tripleBarrier(given, { entry, upper, lower, horizon }, outputs);
    return bars.map((_, row) => [outputs.label[row], outputs.exitReturn[row], outputs.held[row]]);
  };
  const QUIET = [100, 101, 99, 100] as const;
  const none = [NaN, NaN, NaN];
  const decision = QUIET;

  test("meets the upper barrier at its price", () => {
    const [first] = run({ bars: [decision, QUIET, [100, 111, 99, 100], QUIET] });
    expect(first![0]).toBe(1);
    expect(first![1]).toBeCloseTo(0.1, 14);
    expect(first![2]).toBe(2);
  });

  test("meets the lower barrier on the bar of the entry", () => {
    const [first] = run({ bars: [decision, [100, 101, 90, 95], QUIET, QUIET] });
    expect(first![0]).toBe(-1);
    expect(first![1]).toBeCloseTo(-0.1, 14);
    expect(first![2]).toBe(1);
  });

  test("leaves at the last close when it meets neither", () => {
    expect(run({ bars: [decision, QUIET, QUIET, [100, 105, 95, 104]] })[0]).toEqual([0, 104 / 100 - 1, 3]);
  });

  test("counts a tie within one bar as the lower barrier", () => {
    const [first] = run({ bars: [decision, QUIET, [100, 120, 80, 110], QUIET] });
    expect([first![0], first![2]]).toEqual([-1, 2]);
    expect(first![1]).toBeCloseTo(-0.1, 14);
  });

  test("meets a barrier at the open of a bar that opens beyond it, which also settles a tie", () => {
    expect(run({ bars: [decision, QUIET, [120, 130, 80, 90], QUIET] })[0]).toEqual([1, 120 / 100 - 1, 2]);
    expect(run({ bars: [decision, QUIET, [85, 130, 80, 90], QUIET] })[0]).toEqual([-1, 85 / 100 - 1, 2]);
  });

  test("entered at the close, does not see the bar of the entry", () => {
    const wild = [100, 150, 50, 100] as const;
    expect(run({ bars: [decision, wild, QUIET, QUIET, QUIET], entry: "close" })[0]).toEqual([0, 0, 3]);
    expect(run({ bars: [decision, wild, QUIET, QUIET], entry: "close" })[0]).toEqual(none);
    expect(run({ bars: [decision, wild, QUIET, QUIET] })[0]![0]).toBe(-1);
  });

  test("has no barrier on a side whose multiple is 0", () => {
    const wild = [100, 150, 50, 100] as const;
    expect(run({ bars: [decision, wild, QUIET, QUIET], lower: 0 })[0]![0]).toBe(1);
    expect(run({ bars: [decision, wild, QUIET, QUIET], lower: 0, upper: 0 })[0]).toEqual([0, 0, 3]);
  });

  test("is null where the data ends before the horizon, also when a barrier was met before", () => {
    const touch = [100, 111, 99, 100] as const;
    expect(run({ bars: [decision, touch, QUIET] })).toEqual([none, none, none]);
  });

  test("is null without a width, with one of zero, and at an entry that is not positive", () => {
    const bars = [decision, QUIET, QUIET, QUIET] as const;
    expect(run({ bars, volatility: [NaN, 1, 1, 1] })[0]).toEqual(none);
    expect(run({ bars, volatility: [0, 1, 1, 1] })[0]).toEqual(none);
    expect(run({ bars: [decision, [0, 1, 0, 1], QUIET, QUIET] })[0]).toEqual(none);
  });

  test("is null where a bar on the way is, and is not where the barrier was met before", () => {
    const hole = [100, NaN, 99, 100] as const;
    expect(run({ bars: [decision, hole, [100, 120, 99, 100], QUIET] })[0]).toEqual(none);
    expect(run({ bars: [decision, [100, 120, 99, 100], hole, QUIET] })[0]![0]).toBe(1);
  });

  test("refuses columns of different lengths and a horizon of no bars", () => {
    expect(() => run({ bars: [QUIET], volatility: [] })).toThrow(
      "Cannot compute tripleBarrier: volatility has 0 elements, expected 1 as in the first argument.",
    );
    expect(() => run({ bars: [QUIET], horizon: 0 })).toThrow(
      "Cannot compute tripleBarrier: horizon is 0, expected a whole number of bars, at least 1.",
    );
  });
});
