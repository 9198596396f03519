import { describe, expect, test } from "vitest";
import { rollingMean, rollingStd, rollingSum, rollingVariance } from "../../../../shared/kernels/index.ts";
import { describeWindowKernel, highLevel, meanOf } from "./describe-window-kernel.ts";

/** Two passes: the mean, then the squares of the distances from it. Exactly 0 if all values are equal. */
function twoPass(window: readonly number[], ddof: number): number {
  if (window.length <= ddof) return NaN;
  const mean = window.every((value) => value === window[0]) ? window[0]! : meanOf(window);
  return window.reduce((sum, value) => sum + (value - mean) ** 2, 0) / (window.length - ddof);
}

describeWindowKernel("rollingSum", {
  run: ([values], period, out, ordinal) => rollingSum(values!, period, out, { ordinal }),
  naive: ([window]) => window!.reduce((sum, value) => sum + value, 0),
});

describeWindowKernel("rollingMean", {
  run: ([values], period, out, ordinal) => rollingMean(values!, period, out, { ordinal }),
  naive: ([window]) => meanOf(window!),
});

describeWindowKernel("rollingVariance", {
  run: ([values], period, out, ordinal) => rollingVariance(values!, period, out, { ordinal }),
  naive: ([window]) => twoPass(window!, 0),
});

describeWindowKernel("rollingStd", {
  run: ([values], period, out, ordinal) => rollingStd(values!, period, out, { ordinal, ddof: 1 }),
  naive: ([window]) => Math.sqrt(twoPass(window!, 1)),
});

const compute = (
  kernel: (values: Float64Array, period: number, out: Float64Array) => void,
  values: Iterable<number>,
  period: number,
) => {
  const given = Float64Array.from(values);
  const out = new Float64Array(given.length);
  kernel(given, period, out);
  return [...out];
};

describe("by hand", () => {
  test("rollingSum()", () => {
    expect(compute(rollingSum, [1, 2, 4, 8, 16], 3)).toEqual([NaN, NaN, 7, 14, 28]);
    expect(compute(rollingSum, [1, NaN, 4, 8, 16], 2)).toEqual([NaN, NaN, NaN, 12, 24]);
  });
  test("rollingMean()", () => expect(compute(rollingMean, [1, 2, 6, 4], 3)).toEqual([NaN, NaN, 3, 4]));
  test("rollingVariance()", () => {
    expect(compute(rollingVariance, [1, 3, 5, 5], 2)).toEqual([NaN, 1, 1, 0]);
    const sample = (values: Float64Array, period: number, out: Float64Array) =>
      rollingVariance(values, period, out, { ddof: 1 });
    expect(compute(sample, [1, 3, 5, 5], 2)).toEqual([NaN, 2, 2, 0]);
    expect(compute(sample, [1, 3], 1)).toEqual([NaN, NaN]);
  });
  test("rollingStd()", () => expect(compute(rollingStd, [1, 3, 5, 5], 2)).toEqual([NaN, 1, 1, 0]));
});

describe("a window of equal values", () => {
  // Sums of 0.1 and of 1/3 are not exact, which is the point.
  test.each([0.1, 1 / 3, 100_000.01, 1e-300, 0, -7.7])(
    "has exactly its value as mean and no variance: %d",
    (value) => {
      for (const period of [1, 3, 10, 60]) {
        const values = [5, 9, ...Array.from({ length: 130 }, () => value), 4];
        const from = 2 + period - 1;
        expect(compute(rollingMean, values, period).slice(from, -1)).toEqual(values.slice(from, -1));
        expect(new Set(compute(rollingVariance, values, period).slice(from, -1))).toEqual(new Set([0]));
        expect(new Set(compute(rollingStd, values, period).slice(from, -1))).toEqual(new Set([0]));
      }
    },
  );
});

describe("rollingVariance() on a level far above its noise", () => {
  test.each([
    [100_000, 0.01],
    [1e9, 0.1],
    [-5_000, 1e-6],
  ])("keeps nine digits: %d +- %d", (level, noise) => {
    for (const period of [2, 5, 20, 250]) {
      const values = highLevel(600, 3, level, noise);
      const got = compute(rollingVariance, values, period);
      for (let i = period - 1; i < values.length; i++) {
        // At this level even two passes lose digits, so the level is subtracted first, which is exact.
        const wanted = twoPass(
          Array.from(values.subarray(i - period + 1, i + 1), (value) => value - level),
          0,
        );
        expect(Math.abs(got[i]! - wanted)).toBeLessThanOrEqual(1e-9 * wanted);
      }
    }
  });
});

test("an infinite value leaves no trace once it has left the window", () => {
  const values = highLevel(60, 5);
  const struck = values.map((value, i) => (i === 20 ? Infinity : i === 25 ? -Infinity : value));
  for (const kernel of [rollingSum, rollingMean, rollingVariance, rollingStd]) {
    const got = compute(kernel, struck, 7);
    const wanted = compute(kernel, values, 7);
    expect(got.slice(0, 20)).toEqual(wanted.slice(0, 20));
    expect(got.slice(20, 32).some(Number.isFinite)).toBe(false);
    expect(got.slice(32)).toEqual(wanted.slice(32));
  }
});
