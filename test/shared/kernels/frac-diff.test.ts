import { describe, expect, test } from "vitest";
import { fractionalDifference, fractionalWeights } from "../../../shared/kernels/index.ts";
import { walk } from "./series.ts";

describe("fractionalWeights()", () => {
  test("are the binomial series of (1 - B)^d", () => {
    expect([...fractionalWeights(0.5, { threshold: 1e-9, width: 5 })]).toEqual([
      1, -0.5, -0.125, -0.0625, -0.0390625,
    ]);
    expect([...fractionalWeights(3, { threshold: 1e-9 })]).toEqual([1, -3, 3, -1]);
    expect([...fractionalWeights(3, { threshold: 1e-9, width: 50 })]).toEqual([1, -3, 3, -1]);
  });

  test("end with the last one that is as large as the threshold", () => {
    const weights = fractionalWeights(0.4, { threshold: 1e-4 });
    expect(weights).toHaveLength(282);
    expect(Math.abs(weights.at(-1)!)).toBeGreaterThanOrEqual(1e-4);
    const longer = fractionalWeights(0.4, { threshold: 1e-4, width: 283 });
    expect(longer.subarray(0, 282)).toEqual(weights);
    expect(Math.abs(longer.at(-1)!)).toBeLessThan(1e-4);
  });

  test.each([
    [NaN, 1e-4, undefined, "d is NaN, expected a number from 0 to 10."],
    [-0.1, 1e-4, undefined, "d is -0.1, expected a number from 0 to 10."],
    [0.4, 0, undefined, "threshold is 0, expected a number above 0, at most 1."],
    [0.4, NaN, undefined, "threshold is NaN, expected a number above 0, at most 1."],
    [0.4, 1e-4, 0, "width is 0, expected a whole number of bars from 1 to 20000."],
    [0.4, 1e-4, 2.5, "width is 2.5, expected a whole number of bars from 1 to 20000."],
    [
      0.1,
      1e-9,
      undefined,
      "d 0.1 with a threshold of 1e-9 keeps more than 20000 weights. Raise the threshold, or give a width.",
    ],
  ])("of d %s, threshold %s and width %s are refused", (d, threshold, width, message) => {
    expect(() => fractionalWeights(d, { threshold, width })).toThrow(
      `Cannot compute fractionalDifference: ${message}`,
    );
  });
});

describe("fractionalDifference()", () => {
  test.each([1, 2, 3, 4, 5, 7, 8, 9, 63])("over %s bars is the plain sum of products", (width) => {
    const values = walk(90, width);
    const out = new Float64Array(90).fill(777);
    fractionalDifference(values, 0.35, { threshold: 1, width }, out);
    const weights = fractionalWeights(0.35, { threshold: 1, width });
    out.forEach((sum, t) => {
      if (t < width - 1) expect(sum).toBeNaN();
      else
        expect(sum).toBeCloseTo(
          weights.reduce((total, w, k) => total + w * values[t - k]!, 0),
          10,
        );
    });
  });

  test("refuses an output of another length", () => {
    expect(() => fractionalDifference(walk(5, 1), 0.5, { threshold: 0.1 }, new Float64Array(4))).toThrow(
      "Cannot compute fractionalDifference: out has 4 elements, expected 5 as in the first argument.",
    );
  });
});
