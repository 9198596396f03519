import { describe, expect, test } from "vitest";
import { change, log, logReturn, simpleReturn } from "../../../shared/kernels/index.ts";
import { bitsOf, walk } from "./series.ts";

type Kernel = (values: Float64Array, lag: number, out: Float64Array) => void;
const KERNELS: Readonly<Record<string, Kernel>> = { change, simpleReturn, logReturn };

function compute(kernel: Kernel, values: readonly number[] | Float64Array, lag: number): number[] {
  const out = new Float64Array(values.length).fill(777);
  kernel(Float64Array.from(values), lag, out);
  return [...out];
}

describe("by hand", () => {
  const prices = [100, 110, 99, 99];
  test("change()", () => expect(compute(change, prices, 1)).toEqual([NaN, 10, -11, 0]));
  test("change() over two bars", () => expect(compute(change, prices, 2)).toEqual([NaN, NaN, -1, -11]));
  test("simpleReturn()", () => {
    expect(compute(simpleReturn, prices, 1)).toEqual([NaN, 110 / 100 - 1, 99 / 110 - 1, 0]);
  });
  test("logReturn()", () => expect(compute(logReturn, prices, 1)).toEqual([NaN, log(1.1), log(0.9), 0]));
});

describe("nulls", () => {
  test("a null bar makes two nulls", () => {
    for (const kernel of Object.values(KERNELS)) {
      const out = compute(kernel, [1, 2, NaN, 4, 5], 1);
      expect(out.map(Number.isNaN)).toEqual([true, false, true, true, false]);
    }
  });
  test("a price of zero gives no return from it; none of either sign has a logarithmic one", () => {
    expect(compute(simpleReturn, [0, 5, 0], 1)).toEqual([NaN, NaN, -1]);
    expect(compute(logReturn, [1, 0, 5, -5, -10], 1)).toEqual([NaN, NaN, NaN, NaN, NaN]);
  });
});

describe.each(Object.keys(KERNELS))("%s()", (name) => {
  const kernel = KERNELS[name]!;
  test("is null throughout when the lag is as long as the series or longer", () => {
    for (const lag of [3, 4, 1_000]) expect(compute(kernel, [1, 2, 3], lag)).toEqual([NaN, NaN, NaN]);
    expect(compute(kernel, [5], 1)).toEqual([NaN]);
    expect(compute(kernel, [], 1)).toEqual([]);
  });
  test("depends on the last `lag` bars alone: started later it has the same bits", () => {
    const values = walk(200, 5, 0.1);
    const whole = Float64Array.from(compute(kernel, values, 7));
    for (const start of [1, 50, 190]) {
      const later = Float64Array.from(compute(kernel, values.subarray(start), 7));
      expect(bitsOf(later.subarray(7))).toEqual(bitsOf(whole.subarray(start + 7)));
    }
  });
  test("refuses a lag that is no whole number of bars, and an output of another length", () => {
    const values = walk(4, 1);
    expect(() => kernel(values, 0, new Float64Array(4))).toThrow(
      `Cannot compute ${name}: lag is 0, expected a whole number of bars, at least 1.`,
    );
    expect(() => kernel(values, 1, new Float64Array(5))).toThrow(
      `Cannot compute ${name}: out has 5 elements, expected 4 as in the first argument.`,
    );
  });
});
