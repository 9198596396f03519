import { describe, expect, test } from "vitest";
import {
  rollingMeanAbsoluteDeviation,
  rollingOrder,
  rollingQuantile,
  rollingRank,
} from "../../../../shared/kernels/index.ts";
import { bitsOf, walk } from "../series.ts";
import { describeWindowKernel, meanOf } from "./describe-window-kernel.ts";

/** Position `q * (n - 1)` of the sorted window, as in the definition. */
function quantile(window: readonly number[], q: number): number {
  const ordered = window.toSorted((a, b) => a - b);
  const place = q * (ordered.length - 1);
  const weights = ordered.map((_, i) => Math.max(0, 1 - Math.abs(i - place)));
  return ordered.reduce((sum, value, i) => sum + value * weights[i]!, 0);
}

function rank(window: readonly number[]): number {
  const current = window.at(-1)!;
  const below = window.filter((value) => value < current).length;
  const equal = window.filter((value) => value === current).length;
  const ranks = Array.from({ length: equal }, (_, i) => below + i + 1);
  return meanOf(ranks) / window.length;
}

for (const q of [0, 0.2, 0.5, 0.8, 1]) {
  describeWindowKernel("rollingQuantile", {
    hasOrdinal: false,
    run: ([values], period, out) => rollingQuantile(values!, period, q, out),
    naive: ([window]) => quantile(window!, q),
  });
}
describeWindowKernel("rollingRank", {
  hasOrdinal: false,
  run: ([values], period, out) => rollingRank(values!, period, out),
  naive: ([window]) => rank(window!),
});
describeWindowKernel("rollingMeanAbsoluteDeviation", {
  hasOrdinal: false,
  run: ([values], period, out) => rollingMeanAbsoluteDeviation(values!, period, out),
  naive: ([window]) => meanOf(window!.map((value) => Math.abs(value - meanOf(window!)))),
});

describe("by hand", () => {
  const values = Float64Array.of(3, 1, 2, 2, 5, 2);
  test("rollingQuantile()", () => {
    const out = new Float64Array(6);
    rollingQuantile(values, 3, 0.5, out);
    expect([...out]).toEqual([NaN, NaN, 2, 2, 2, 2]);
    rollingQuantile(values, 3, 0.75, out);
    expect([...out]).toEqual([NaN, NaN, 2.5, 2, 3.5, 3.5]);
  });
  test("rollingRank() shares ranks among equal values", () => {
    const out = new Float64Array(6);
    rollingRank(values, 3, out);
    expect([...out]).toEqual([NaN, NaN, 2 / 3, 2.5 / 3, 1, 1.5 / 3]);
  });
  test.each([1, 2, 63, 64, 65, 90])("rollingRank() counts or orders %i bars to the same bits", (period) => {
    for (const values of [walk(400, 5, 0.02), walk(400, 6, 0.02).map((value) => Math.round(value / 20))]) {
      values.set([NaN, -0, 0, Infinity, -Infinity], 150);
      values[399] = NaN;
      const [counted, ordered] = [new Float64Array(400), new Float64Array(400)];
      rollingRank(values, period, counted);
      rollingOrder(values, period, { rank: ordered });
      expect(bitsOf(counted)).toEqual(bitsOf(ordered));
    }
  });
  test("rollingMeanAbsoluteDeviation()", () => {
    const out = new Float64Array(6);
    rollingMeanAbsoluteDeviation(values, 2, out);
    expect([...out]).toEqual([NaN, 1, 0.5, 0, 1.5, 1.5]);
    rollingMeanAbsoluteDeviation(new Float64Array(6).fill(0.1), 3, out);
    expect([...out]).toEqual([NaN, NaN, 0, 0, 0, 0]);
  });
});

describe("rollingQuantile()", () => {
  test.each([-0.1, 1.1, NaN])("refuses a share that is none: %d", (q) => {
    expect(() => rollingQuantile(new Float64Array(3), 2, q, new Float64Array(3))).toThrow(
      `Cannot compute rollingQuantile: q is ${q}, expected a share between 0 and 1.`,
    );
  });

  test("there is one zero, whichever came first", () => {
    const out = new Float64Array(4);
    rollingQuantile(Float64Array.of(-0, -0, -0, -0), 3, 0.5, out);
    expect(bitsOf(out)).toEqual(bitsOf(Float64Array.of(NaN, NaN, 0, 0)));
  });

  test("long windows, whose values are moved another way, agree as short ones do", () => {
    const values = walk(2_000, 77, 0.001);
    const [out, ranks] = [new Float64Array(2_000), new Float64Array(2_000)];
    for (const period of [129, 500]) {
      rollingQuantile(values, period, 0.3, out);
      rollingRank(values, period, ranks);
      let compared = 0;
      for (let i = period - 1; i < values.length; i += 7) {
        const window = [...values.subarray(i - period + 1, i + 1)];
        const hasNull = window.some(Number.isNaN);
        expect(Number.isNaN(out[i]!)).toBe(hasNull);
        if (hasNull) continue;
        compared++;
        expect(Math.abs(out[i]! - quantile(window, 0.3))).toBeLessThan(1e-10);
        expect(ranks[i]).toBeCloseTo(rank(window), 12);
      }
      expect(compared).toBeGreaterThan(40);
    }
  });
});

describe("rollingOrder()", () => {
  test("gives both quantiles and the rank with the bits that each has alone", () => {
    const values = walk(400, 5, 0.02);
    const [low, high, rank, alone] = Array.from({ length: 4 }, () => new Float64Array(400));
    rollingOrder(values, 20, { low: { q: 0.2, out: low! }, high: { q: 0.8, out: high! }, rank: rank! });
    rollingQuantile(values, 20, 0.2, alone!);
    expect(bitsOf(low!)).toEqual(bitsOf(alone!));
    rollingQuantile(values, 20, 0.8, alone!);
    expect(bitsOf(high!)).toEqual(bitsOf(alone!));
    rollingRank(values, 20, alone!);
    expect(bitsOf(rank!)).toEqual(bitsOf(alone!));
  });

  test("refuses an output of another length and a share that is none, by name", () => {
    const values = new Float64Array(3);
    expect(() => rollingOrder(values, 2, { high: { q: 0.5, out: new Float64Array(2) } })).toThrow(
      "Cannot compute rollingOrder: high has 2 elements, expected 3 as in the first argument.",
    );
    expect(() => rollingOrder(values, 2, { low: { q: 2, out: values } })).toThrow(
      "Cannot compute rollingOrder: q is 2, expected a share between 0 and 1.",
    );
  });
});
