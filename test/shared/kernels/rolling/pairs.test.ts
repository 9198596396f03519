import { describe, expect, test } from "vitest";
import {
  rollingCorrelation,
  rollingCovariance,
  rollingLinearFit,
  rollingSlope,
} from "../../../../shared/kernels/index.ts";
import { describeWindowKernel, highLevel, meanOf } from "./describe-window-kernel.ts";

const isFlat = (window: readonly number[]) => window.every((value) => value === window[0]);

function deviations(window: readonly number[]): number[] {
  const mean = isFlat(window) ? window[0]! : meanOf(window);
  return window.map((value) => value - mean);
}

const dot = (a: readonly number[], b: readonly number[]) =>
  a.reduce((sum, value, i) => sum + value * b[i]!, 0);

function covariance(x: readonly number[], y: readonly number[], ddof: number): number {
  return x.length <= ddof ? NaN : dot(deviations(x), deviations(y)) / (x.length - ddof);
}

function correlation(x: readonly number[], y: readonly number[]): number {
  return covariance(x, y, 0) / Math.sqrt(covariance(x, x, 0) * covariance(y, y, 0));
}

/** Solves the normal equations of a line over the positions 0, 1, 2 … */
function line(window: readonly number[]): { slope: number; intercept: number; rSquared: number } {
  const places = window.map((_, i) => i);
  const slope = covariance(places, window, 0) / covariance(places, places, 0);
  const intercept = meanOf(window) - slope * meanOf(places);
  const residuals = window.map((value, i) => value - intercept - slope * i);
  const total = deviations(window);
  return {
    slope,
    intercept,
    rSquared: isFlat(window) ? NaN : 1 - dot(residuals, residuals) / dot(total, total),
  };
}

describeWindowKernel("rollingCovariance", {
  inputs: 2,
  run: ([x, y], period, out, ordinal) => rollingCovariance(x!, y!, period, out, { ordinal, ddof: 1 }),
  naive: ([x, y]) => covariance(x!, y!, 1),
});
describeWindowKernel("rollingCorrelation", {
  inputs: 2,
  run: ([x, y], period, out, ordinal) => rollingCorrelation(x!, y!, period, out, { ordinal }),
  naive: ([x, y]) => correlation(x!, y!),
});
describeWindowKernel("rollingSlope", {
  run: ([values], period, out, ordinal) => rollingSlope(values!, period, out, { ordinal }),
  naive: ([window]) => line(window!).slope,
});
for (const [place, field] of (["slope", "intercept", "rSquared"] as const).entries()) {
  describeWindowKernel("rollingLinearFit", {
    out: field,
    run([values], period, out, ordinal) {
      const outs = Array.from({ length: 3 }, (_, i) => (i === place ? out : undefined));
      rollingLinearFit(values!, period, outs[0], outs[1], outs[2], { ordinal });
    },
    naive: ([window]) => line(window!)[field],
  });
}

const array = (...values: number[]) => Float64Array.from(values);
const blank = () => new Float64Array(4);

describe("by hand", () => {
  test("rollingCovariance()", () => {
    const out = blank();
    rollingCovariance(array(1, 2, 3, 3), array(2, 6, 4, 9), 2, out);
    expect([...out]).toEqual([NaN, 1, -0.5, 0]);
  });
  test("rollingCorrelation() is 1, -1, and null where one side does not move", () => {
    const out = blank();
    rollingCorrelation(array(1, 2, 3, 3), array(2, 6, 4, 9), 2, out);
    expect(out.map((value) => Math.round(value * 1e12) / 1e12)).toEqual(array(NaN, 1, -1, NaN));
    expect(Math.max(...out.subarray(1, 3).map(Math.abs))).toBeLessThanOrEqual(1);
  });
  test("rollingCorrelation() leaves neither range nor the doubles: tiny and huge sides", () => {
    const out = blank();
    rollingCorrelation(array(1e-150, 2e-150, 4e-150, 8e-150), array(1e150, 2e150, 4e150, 8e150), 3, out);
    expect(out[3]).toBeCloseTo(1, 12);
    expect(out[3]).toBeLessThanOrEqual(1);
  });
  test("rollingLinearFit() finds a line", () => {
    const [slope, intercept, rSquared] = [blank(), blank(), blank()];
    rollingLinearFit(array(10, 12, 14, 11), 3, slope, intercept, rSquared);
    expect([...slope]).toEqual([NaN, NaN, 2, -0.5]);
    expect(intercept[2]).toBe(10);
    expect(intercept[3]).toBeCloseTo(37 / 3 + 0.5, 14);
    expect(rSquared[2]).toBe(1);
    expect(rSquared[3]).toBeCloseTo(0.5 / (14 / 3), 14);
  });
  test("rollingLinearFit() of equal values is flat, exactly, and explains nothing", () => {
    const [slope, intercept, rSquared] = [blank(), blank(), blank()];
    rollingLinearFit(array(0.1, 0.1, 0.1, 0.1), 3, slope, intercept, rSquared);
    expect([...slope]).toEqual([NaN, NaN, 0, 0]);
    expect([...intercept]).toEqual([NaN, NaN, 0.1, 0.1]);
    expect([...rSquared]).toEqual([NaN, NaN, NaN, NaN]);
  });
});

describe("two sides of different length", () => {
  test.each([
    ["rollingCovariance", rollingCovariance],
    ["rollingCorrelation", rollingCorrelation],
  ] as const)("%s() refuses them", (name, kernel) => {
    expect(() => kernel(blank(), array(1, 2), 2, blank())).toThrow(
      `Cannot compute ${name}: y has 2 elements, expected 4 as in the first argument.`,
    );
  });
});

test("a level far above the noise costs correlations and slopes no digits", () => {
  const [level, period] = [100_000, 20];
  const x = highLevel(400, 1, level);
  const y = x.map((value, i) => value + (i % 3) * 0.01);
  const [correlations, slopes] = [new Float64Array(400), new Float64Array(400)];
  rollingCorrelation(x, y, period, correlations);
  rollingSlope(x, period, slopes);
  for (let i = period - 1; i < 400; i++) {
    const windowOf = (side: Float64Array) =>
      Array.from(side.subarray(i - period + 1, i + 1), (v) => v - level);
    expect(Math.abs(correlations[i]! - correlation(windowOf(x), windowOf(y)))).toBeLessThan(1e-12);
    expect(Math.abs(slopes[i]! - line(windowOf(x)).slope)).toBeLessThan(1e-15);
  }
});
