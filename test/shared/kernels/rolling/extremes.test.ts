import { describe, expect, test } from "vitest";
import { barsSinceMax, barsSinceMin, rollingMax, rollingMin } from "../../../../shared/kernels/index.ts";
import { bitsOf, walk } from "../series.ts";
import { describeWindowKernel } from "./describe-window-kernel.ts";

type Kernel = (values: Float64Array, period: number, out: Float64Array) => void;

const withoutOrdinal = (kernel: Kernel, naive: (window: readonly number[]) => number) => ({
  hasOrdinal: false,
  run: ([values]: readonly Float64Array[], period: number, out: Float64Array) => kernel(values!, period, out),
  naive: ([window]: readonly (readonly number[])[]) => naive(window!),
});

describeWindowKernel(
  "rollingMax",
  withoutOrdinal(rollingMax, (window) => window.toSorted((a, b) => b - a)[0]!),
);
describeWindowKernel(
  "rollingMin",
  withoutOrdinal(rollingMin, (window) => window.toSorted((a, b) => a - b)[0]!),
);
describeWindowKernel(
  "barsSinceMax",
  withoutOrdinal(barsSinceMax, (window) => window.toReversed().indexOf(Math.max(...window))),
);
describeWindowKernel(
  "barsSinceMin",
  withoutOrdinal(barsSinceMin, (window) => window.toReversed().indexOf(Math.min(...window))),
);

describeWindowKernel(
  "barsSinceMax",
  withoutOrdinal(
    (values, period, out) => barsSinceMax(values, period, out, { ties: "earliest" }),
    (window) => window.length - 1 - window.indexOf(Math.max(...window)),
  ),
);
describeWindowKernel(
  "barsSinceMin",
  withoutOrdinal(
    (values, period, out) => barsSinceMin(values, period, out, { ties: "earliest" }),
    (window) => window.length - 1 - window.indexOf(Math.min(...window)),
  ),
);

function compute(kernel: Kernel, values: readonly number[], period: number): number[] {
  const out = new Float64Array(values.length);
  kernel(Float64Array.from(values), period, out);
  return [...out];
}

describe("by hand", () => {
  const values = [3, 1, 2, 2, 1, 5];
  test("rollingMax()", () => expect(compute(rollingMax, values, 3)).toEqual([NaN, NaN, 3, 2, 2, 5]));
  test("rollingMin()", () => expect(compute(rollingMin, values, 3)).toEqual([NaN, NaN, 1, 1, 1, 1]));
  test("barsSinceMax() counts to the latest of equal ones", () => {
    expect(compute(barsSinceMax, values, 3)).toEqual([NaN, NaN, 2, 0, 1, 0]);
    expect(compute(barsSinceMax, [4, 4, 4, 4], 3)).toEqual([NaN, NaN, 0, 0]);
  });
  test("barsSinceMin() counts to the latest of equal ones", () => {
    expect(compute(barsSinceMin, values, 3)).toEqual([NaN, NaN, 1, 2, 0, 1]);
    expect(compute(barsSinceMin, [4, 4, 4, 4], 3)).toEqual([NaN, NaN, 0, 0]);
  });
  test.each([
    ["barsSinceMax", barsSinceMax, rollingMax],
    ["barsSinceMin", barsSinceMin, rollingMin],
  ] as const)("%s() gives the extremes too, with the bits they have alone", (name, kernel, alone) => {
    const values = walk(300, 3, 0.02).map((value) => Math.round(value));
    const [out, extremes, wanted] = [new Float64Array(300), new Float64Array(300), new Float64Array(300)];
    for (const ties of ["latest", "earliest"] as const) {
      for (const period of [1, 7, 60]) {
        kernel(values, period, out, { ties, extremes: extremes.fill(777) });
        alone(values, period, wanted);
        expect(bitsOf(extremes)).toEqual(bitsOf(wanted));
      }
    }
    expect(() => kernel(values, 3, out, { extremes: new Float64Array(2) })).toThrow(
      `Cannot compute ${name}: extremes has 2 elements, expected 300 as in the first argument.`,
    );
  });
  test("there is one zero, whichever came first", () => {
    for (const kernel of [rollingMax, rollingMin]) {
      for (const values of [
        [0, -0, 0, -0],
        [-0, 0, -0, 0],
      ])
        expect(compute(kernel, values, 3)).toEqual([NaN, NaN, 0, 0]);
    }
  });
  test("infinities are numbers like others", () => {
    expect(compute(rollingMax, [-Infinity, -Infinity, 1, Infinity], 2)).toEqual([
      NaN,
      -Infinity,
      1,
      Infinity,
    ]);
    expect(compute(rollingMin, [Infinity, Infinity, 1], 2)).toEqual([NaN, Infinity, 1]);
    expect(compute(barsSinceMax, [-Infinity, -Infinity, -Infinity], 2)).toEqual([NaN, 0, 0]);
  });
});
