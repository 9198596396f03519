import { describe, expect, test } from "vitest";
import { alma, epma, hma, hmaLookBack, wma } from "../../../../shared/kernels/index.ts";
import { describeWindowKernel } from "../rolling/describe-window-kernel.ts";
import { bitsOf, firstValue, walk } from "../series.ts";

const weighted = (window: readonly number[]) =>
  window.reduce((sum, value, j) => sum + value * (j + 1), 0) / ((window.length * (window.length + 1)) / 2);

describeWindowKernel("wma", {
  run: ([values], period, out, ordinal) => wma(values!, period, out, { ordinal }),
  naive: ([window]) => weighted(window!),
});

describeWindowKernel("epma", {
  run: ([values], period, out, ordinal) => epma(values!, period, out, { ordinal }),
  naive: ([window]) => {
    // The line of least squares through (0, first) ... (n - 1, last), at n - 1.
    const n = window!.length;
    const [meanX, meanY] = [(n - 1) / 2, window!.reduce((sum, value) => sum + value, 0) / n];
    const products = window!.reduce((sum, value, x) => sum + (x - meanX) * (value - meanY), 0);
    const squares = window!.reduce((sum, _, x) => sum + (x - meanX) ** 2, 0);
    return n === 1 ? meanY : meanY + (products / squares) * (n - 1 - meanX);
  },
});

describeWindowKernel("alma", {
  hasOrdinal: false,
  periods: [1, 2, 3, 9, 60, 300],
  run: ([values], period, out) => alma(values!, period, out),
  naive: ([window]) => {
    const n = window!.length;
    const weights = window!.map((_, j) => Math.exp(-((j - 0.85 * (n - 1)) ** 2) / (2 * (n / 6) ** 2)));
    const total = weights.reduce((sum, weight) => sum + weight, 0);
    return window!.reduce((sum, value, j) => sum + value * weights[j]!, 0) / total;
  },
});

describe("wma()", () => {
  test("of equal values is that value exactly, whatever stood before", () => {
    const values = Float64Array.of(5, 1e12, -3, ...new Float64Array(40).fill(0.1));
    const out = new Float64Array(values.length);
    wma(values, 7, out);
    expect(new Set(out.subarray(9))).toEqual(new Set([0.1]));
  });

  test("by hand: 1 2 6 with period 3", () => {
    const out = new Float64Array(3);
    wma(Float64Array.of(1, 2, 6), 3, out);
    expect([...out]).toEqual([NaN, NaN, (1 + 4 + 18) / 6]);
  });
});

describe("hma()", () => {
  const hmaOf = (values: Float64Array, period: number, ordinal = 0) => {
    const out = new Float64Array(values.length).fill(777);
    hma(values, period, out, { ordinal });
    return out;
  };

  test.each([2, 3, 4, 5, 14, 50])("of %s bars is its three weighted averages, window by window", (period) => {
    const values = walk(120, period);
    const [half, root] = [Math.floor(period / 2), Math.floor(Math.sqrt(period))];
    const last = (i: number, n: number) => weighted([...values.subarray(i - n + 1, i + 1)]);
    const out = hmaOf(values, period);
    expect(firstValue(out)).toBe(hmaLookBack(period));
    for (let i = hmaLookBack(period); i < 120; i++) {
      const raw = Array.from({ length: root }, (_, j) => i - root + 1 + j).map(
        (row) => 2 * last(row, half) - last(row, period),
      );
      expect(out[i]).toBeCloseTo(weighted(raw), 9);
    }
  });

  test("depends on the bars of its look-back and their ordinal alone", () => {
    const values = walk(120, 4, 0.02);
    const [period, lookBack] = [14, hmaLookBack(14)];
    const whole = hmaOf(values, period, 5);
    for (const start of [1, 7, 13, 60, 100]) {
      const later = hmaOf(values.subarray(start), period, 5 + start);
      expect(bitsOf(later.subarray(lookBack))).toEqual(bitsOf(whole.subarray(start + lookBack)));
    }
  });

  test("is null while a null is within its look-back, and null throughout a series too short", () => {
    const values = walk(60, 4).with(30, NaN);
    const nulls = Array.from(hmaOf(values, 14).entries()).filter(([, value]) => Number.isNaN(value));
    expect(nulls.map(([row]) => row)).toEqual([
      ...Array(15).keys(),
      ...Array.from({ length: 16 }, (_, j) => 30 + j),
    ]);
    for (const length of [0, 1, 15]) expect(firstValue(hmaOf(walk(length, 1), 14))).toBe(length);
  });

  test("refuses a period that leaves nothing of its half", () => {
    expect(() => hmaOf(walk(5, 1), 1)).toThrow(
      "Cannot compute hma: period is 1, expected a whole number of bars, at least 2.",
    );
  });
});

describe("alma()", () => {
  test("refuses an offset outside the window and a width of nothing", () => {
    const values = walk(5, 1);
    const out = new Float64Array(5);
    expect(() => alma(values, 3, out, { offset: 1.1 })).toThrow(
      "Cannot compute alma: offset is 1.1, expected a number from 0 to 1.",
    );
    expect(() => alma(values, 3, out, { sigma: 0 })).toThrow(
      "Cannot compute alma: sigma is 0, expected a number above 0.",
    );
  });
});
