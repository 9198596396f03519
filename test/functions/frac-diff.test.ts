import { runFeature } from "quiver/testing";
import { describe, expect, test } from "vitest";
import fracDiff from "../../functions/frac-diff/index.ts";
import { resolveFunction } from "../../shared/contract/describe.ts";
import { largestRelativeDifference, numbersOf, queryColumns, usDailyBars } from "../support/query-columns.ts";
import { hasRealData } from "../support/real-data.ts";
import { bitsOf, walk } from "../shared/kernels/series.ts";

const run = (close: ArrayLike<number | null>, params: Record<string, unknown> = {}) =>
  runFeature(fracDiff, { inputs: { bars: { close } }, params }).outputs.frac_diff;

describe.skipIf(!hasRealData)("frac-diff on real daily bars (skipped: ../shared is absent)", () => {
  const symbols = ["AAPL", "SBUX", "XOM"];
  // The weights in closed form, from gamma functions instead of the recursion, and the sum as a product of lists.
  const secondImplementation = (value: string, d: number, width: number) => `
    with bars as (${usDailyBars(symbols)}),
    weights as (
      select list(case when k = 0 then 1
          else -${d} * exp(lgamma(k - ${d}) - lgamma(1 - ${d}::double) - lgamma(k + 1)) end order by k desc) as w
      from range(${width}) t(k)
    ),
    windows as (
      select symbol, date, row, list(${value}) over (
        partition by symbol order by date rows between ${width - 1} preceding and current row) as v
      from bars
    )
    select symbol, case when row >= ${width - 1} then list_inner_product(v, w) end as frac_diff
    from windows, weights order by symbol, date`;

  test.each([
    ["the default: d 0.4, threshold 1e-4, logarithms", {}, "ln(close)", 0.4, 282],
    ["d 0.7 of the close in prices", { d: 0.7, log: false, threshold: 1e-3 }, "close", 0.7, 26],
    ["d 0.25 over a width of 60", { d: 0.25, width: 60 }, "ln(close)", 0.25, 60],
  ])("%s: as a second implementation in SQL computes it", async (_, params, value, d, width) => {
    const bars = await queryColumns(usDailyBars(symbols));
    const expected = await queryColumns(secondImplementation(value, d, width));
    const close = numbersOf(bars, "close");
    const theirs = numbersOf(expected, "frac_diff");
    for (const symbol of symbols) {
      const from = bars["symbol"]!.indexOf(symbol);
      const to = bars["symbol"]!.lastIndexOf(symbol) + 1;
      expect(to - from).toBeGreaterThan(500);
      const ours = run(close.subarray(from, to), params);
      expect(largestRelativeDifference(ours, theirs.subarray(from, to))).toBeLessThan(1e-9);
      expect(ours.findIndex((cell) => !Number.isNaN(cell))).toBe(width - 1);
    }
  });
});

describe("frac-diff", () => {
  test("by hand: d 0.5 over four bars", () => {
    // Weights 1, -1/2, -1/8, -1/16.
    const out = run([16, 32, 64, 128, 0], { d: 0.5, width: 4, log: false });
    expect([...out]).toEqual([NaN, NaN, NaN, 128 - 32 - 4 - 1, 0 - 64 - 8 - 2]);
  });

  test("of order 0 is the level, of order 1 the change, of order 2 the change of the change", () => {
    const close = [3, 5, 4, 8];
    expect([...run(close, { d: 0, log: false })]).toEqual(close);
    expect([...run(close, { d: 1, log: false })]).toEqual([NaN, 2, -1, 4]);
    expect([...run(close, { d: 2, log: false })]).toEqual([NaN, NaN, -3, 5]);
  });

  test("declares a look-back that holds: a series cut that far before gives the same bits", () => {
    const close = walk(700, 5, 0.002);
    for (const params of [{}, { d: 0.6, width: 33 }, { d: 1.3, threshold: 1e-5, log: false }]) {
      const whole = run(close, params);
      const resolution = resolveFunction(fracDiff, params);
      const lookBack = resolution.ok ? resolution.resolved.lookBack! : -1;
      expect(lookBack).toBeGreaterThan(30);
      for (const from of [lookBack, lookBack + 1, 699]) {
        const cut = run(close.subarray(from - lookBack), params).subarray(lookBack);
        expect(bitsOf(cut)).toEqual(bitsOf(whole.subarray(from)));
      }
    }
  });

  test("is null where the window holds a null or a close that has no logarithm", () => {
    const nulls = (close: (number | null)[], params: Record<string, unknown>) =>
      Array.from(run(close, params), (cell) => Number.isNaN(cell));
    const hole = [false, false, true, true, false];
    expect(nulls([1, 2, null, 4, 5], { d: 1, width: 2 })).toEqual([true, ...hole.slice(1)]);
    expect(nulls([1, 2, 0, 4, 5], { d: 1, width: 2 })).toEqual([true, ...hole.slice(1)]);
    expect(nulls([1, 2, -3, 4, 5], { d: 1, width: 2 })).toEqual([true, ...hole.slice(1)]);
    expect(nulls([1, 2, Infinity, 4, 5], { d: 1, width: 2, log: false })).toEqual([true, ...hole.slice(1)]);
    expect(nulls([1, 2, 0, 4, 5], { d: 1, width: 2, log: false })).toEqual([
      true,
      false,
      false,
      false,
      false,
    ]);
  });

  test("of a series shorter than the window is null, of one bar null, of none empty", () => {
    expect([...run(walk(281, 1))].every(Number.isNaN)).toBe(true);
    expect([...run([5])]).toEqual([NaN]);
    expect([...run([])]).toEqual([]);
    expect([...run([5], { d: 0, log: false })]).toEqual([5]);
  });

  test("refuses parameters whose window would have no end, and says what to do", () => {
    expect(() => run([1], { d: 0.05, threshold: 1e-7 })).toThrow(
      "Cannot compute fractionalDifference: d 0.05 with a threshold of 1e-7 keeps more than 20000 weights. Raise the " +
        "threshold, or give a width.",
    );
    expect(() => run([1], { d: -1 })).toThrow('the parameter "d": ');
    expect(() => run([1], { width: 0 })).toThrow('the parameter "width": ');
  });
});
