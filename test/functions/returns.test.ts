import { runFeature } from "quiver/testing";
import { describe, expect, test } from "vitest";
import returns from "../../functions/returns/index.ts";

const run = (close: (number | null)[], lag = 1) =>
  runFeature(returns, { inputs: { bars: { close } }, params: { lag } }).outputs;

describe("returns", () => {
  test("are simple and logarithmic over a number of bars, null before there are so many", () => {
    const one = run([100, 110, 99]);
    expect(one.simple_return).toEqual(Float64Array.of(NaN, 110 / 100 - 1, 99 / 110 - 1));
    expect(one.log_return[1]).toBeCloseTo(Math.log(1.1), 15);
    expect(run([100, 110, 99], 2).simple_return).toEqual(Float64Array.of(NaN, NaN, 99 / 100 - 1));
  });

  test("are null beside a null close, and where the earlier close is zero", () => {
    const { simple_return: simple, log_return: log } = run([100, null, 99, 0, 50]);
    expect([...simple].map(Number.isNaN)).toEqual([true, true, true, false, true]);
    expect([...log].map(Number.isNaN)).toEqual([true, true, true, true, true]);
  });

  test("refuse a lag of no bars", () => {
    expect(() => run([1], 0)).toThrow(
      'Cannot use 0 for the parameter "lag": expected a whole number from 1 to 10000.',
    );
  });
});
