import { describe, expect, test } from "vitest";
import { ema, macd, rsi, wilder } from "../../../shared/kernels/index.ts";
import { firstValue, hasReference, largestDifference, referenceCloses, referenceSeries } from "./series.ts";

const MISSING = "the reference series are absent beside the project";

describe.skipIf(!hasReference)(`agreement with Stock.Indicators (skipped where ${MISSING})`, () => {
  const close = hasReference ? referenceCloses() : new Float64Array(0);
  const empty = () => new Float64Array(close.length).fill(NaN);

  test("rsi(14) with Wilder's smoothing, from the exact first index", () => {
    const out = empty();
    rsi(close, 14, out);
    const expected = referenceSeries("rsi", "rsi");
    expect(firstValue(out)).toBe(firstValue(expected));
    expect(firstValue(out)).toBe(14);
    expect(largestDifference(out, expected)).toBeLessThan(1e-9);
    expect(out.at(-1)).toBeCloseTo(42.0773, 4);
  });

  test("macd(12, 26, 9), signal and histogram, from the exact first indices", () => {
    const [line, signal, histogram] = [empty(), empty(), empty()];
    macd(close, { fast: 12, slow: 26, signal: 9 }, line, signal, histogram);
    for (const [out, field, first] of [
      [line, "macd", 25],
      [signal, "signal", 33],
      [histogram, "histogram", 33],
    ] as const) {
      const expected = referenceSeries("macd", field);
      expect(firstValue(out)).toBe(first);
      expect(firstValue(expected)).toBe(first);
      expect(largestDifference(out, expected)).toBeLessThan(1e-9);
    }
    expect(line[33]).toBeCloseTo(2.2025, 4);
  });

  test("ema(20) from index 19", () => {
    const out = empty();
    ema(close, 20, out);
    expect(firstValue(out)).toBe(19);
    expect(largestDifference(out, referenceSeries("ema", "ema"))).toBeLessThan(1e-9);
  });

  test("wilder(20), there called SMMA, from index 19", () => {
    const out = empty();
    wilder(close, 20, out);
    expect(firstValue(out)).toBe(19);
    expect(largestDifference(out, referenceSeries("smma", "smma"))).toBeLessThan(1e-9);
  });

  test("the other definitions give the other known numbers", () => {
    const span = empty();
    rsi(close, 14, span, { smoothing: "span" });
    expect(span.at(-1)).toBeCloseTo(47.2704, 4);
    expect(firstValue(span)).toBe(1);
    const line = empty();
    macd(close, { fast: 12, slow: 26, signal: 9, seeding: "first" }, line, empty(), empty());
    expect(line[33]).toBeCloseTo(2.1213, 4);
    expect(firstValue(line)).toBe(0);
  });

  test("both seedings of macd agree to six digits after 200 bars and to 1e-9 relative after 290", () => {
    const [mean, first] = [empty(), empty()];
    macd(close, { fast: 12, slow: 26, signal: 9 }, mean, empty(), empty());
    macd(close, { fast: 12, slow: 26, signal: 9, seeding: "first" }, first, empty(), empty());
    expect(largestDifference(mean.subarray(200), first.subarray(200))).toBeLessThan(1e-5);
    expect(largestDifference(mean.subarray(290), first.subarray(290))).toBeLessThan(1e-8);
  });
});
