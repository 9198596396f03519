import { describe, expect, test } from "vitest";
import { demean, percentRank, scaleToUnit, winsorize, zScore } from "../../../../shared/kernels/index.ts";
import { bitsOf, walk } from "../series.ts";

type Kernel = (values: Float64Array, out: Float64Array) => void;

const KERNELS: Readonly<Record<string, Kernel>> = {
  percentRank,
  zScore,
  scaleToUnit,
  "winsorize at 0.1": (values, out) => winsorize(values, 0.1, out),
  "demean of all": demean,
};

const run = (kernel: Kernel, values: readonly number[]) => {
  const out = new Float64Array(values.length).fill(777);
  kernel(Float64Array.from(values), out);
  return [...out];
};

describe.each(Object.keys(KERNELS))("%s", (name) => {
  const kernel = KERNELS[name]!;

  test("leaves nulls and infinities out and null, and gives the others what they get without them", () => {
    const values = [3, 1, 4, 1, 5, 9, 2, 6];
    const holed = [NaN, 3, 1, Infinity, 4, 1, 5, -Infinity, 9, 2, 6, NaN];
    const out = run(kernel, holed);
    expect([0, 3, 7, 11].map((row) => out[row])).toEqual([NaN, NaN, NaN, NaN]);
    expect(out.filter((_, row) => Number.isFinite(holed[row]))).toEqual(run(kernel, values));
  });

  test("gives nulls for nulls alone, and nothing for nothing", () => {
    expect(run(kernel, [NaN, NaN])).toEqual([NaN, NaN]);
    expect(run(kernel, [])).toEqual([]);
  });

  test("does not change its input and refuses an output of another length", () => {
    const values = walk(50, 3, 0.1);
    const before = bitsOf(values);
    kernel(values, new Float64Array(50));
    expect(bitsOf(values)).toEqual(before);
    expect(() => kernel(values, new Float64Array(49))).toThrow(
      `Cannot compute ${name.split(" ")[0]}: out has 49 elements, expected 50 as in the first argument.`,
    );
  });
});

describe("percentRank()", () => {
  test("gives equal values the mean of their places, whatever their sign of zero", () => {
    expect(run(percentRank, [30, 10, 20, 20])).toEqual([1, 0.25, 0.625, 0.625]);
    expect(run(percentRank, [0, -0, 1])).toEqual([0.5, 0.5, 1]);
    expect(run(percentRank, [7, 7, 7])).toEqual([2 / 3, 2 / 3, 2 / 3]);
  });

  test("gives one value alone the rank 1", () => expect(run(percentRank, [5])).toEqual([1]));

  test("agrees with counting, for every length up to 40", () => {
    for (let length = 1; length <= 40; length++) {
      const values = [...walk(length, length, 0.1)].map((value) => Math.round(value));
      const known = values.filter((value) => !Number.isNaN(value));
      const expected = values.map((value) => {
        if (Number.isNaN(value)) return NaN;
        const below = known.filter((other) => other < value).length;
        const equal = known.filter((other) => other === value).length;
        return (below + (equal + 1) / 2) / known.length;
      });
      expect(run(percentRank, values)).toEqual(expected);
    }
  });
});

describe("zScore()", () => {
  test("by hand: 1, 2, 3, 6 have mean 3 and deviation sqrt(3.5)", () => {
    const out = run(zScore, [1, 2, 3, 6]);
    [-2, -1, 0, 3].forEach((distance, row) => expect(out[row]).toBeCloseTo(distance / Math.sqrt(3.5), 14));
  });

  test("is null where nothing is spread: equal values, which a mean would miss by a bit, and one alone", () => {
    expect(run(zScore, [0.1, 0.1, 0.1])).toEqual([NaN, NaN, NaN]);
    expect(run(zScore, [4])).toEqual([NaN]);
  });

  test("keeps its digits far from zero", () => {
    const near = run(zScore, [1, 2, 3, 6]);
    run(
      zScore,
      [1, 2, 3, 6].map((value) => value + 2 ** 40),
    ).forEach((value, row) => expect(value).toBeCloseTo(near[row]!, 12));
  });
});

describe("winsorize()", () => {
  test("by hand: of 0 to 10, a tenth at each end becomes 1 and 9", () => {
    const values = [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10];
    expect(run(KERNELS["winsorize at 0.1"]!, values)).toEqual([1, 1, 2, 3, 4, 5, 6, 7, 8, 9, 9]);
  });

  test("interpolates between values, and with no tail changes nothing", () => {
    const out = new Float64Array(3);
    winsorize(Float64Array.of(0, 10, 100), 0.25, out);
    expect([...out]).toEqual([5, 10, 55]);
    winsorize(Float64Array.of(0, 10, 100), 0, out);
    expect([...out]).toEqual([0, 10, 100]);
  });

  test.each([0.5, -0.1, NaN])("refuses a tail of %s", (tail) => {
    expect(() => winsorize(new Float64Array(1), tail, new Float64Array(1))).toThrow(
      `Cannot compute winsorize: tail is ${tail}, expected a share from 0 to below 0.5.`,
    );
  });
});

describe("demean()", () => {
  test("takes each group's own mean, and gives null without a group", () => {
    const out = new Float64Array(6);
    demean(Float64Array.of(1, 3, 10, NaN, 30, 5), out, Int32Array.of(0, 0, 2, 2, 2, -1));
    expect([...out]).toEqual([-1, 1, -10, NaN, 10, NaN]);
  });

  test("puts the only value of a group, and equal ones, exactly 0 away", () => {
    const out = new Float64Array(4);
    demean(Float64Array.of(0.3, 0.1, 0.1, 0.1), out, Int32Array.of(1, 0, 0, 0));
    expect([...out]).toEqual([0, 0, 0, 0]);
  });

  test("refuses groups of another length", () => {
    expect(() => demean(new Float64Array(2), new Float64Array(2), new Int32Array(3))).toThrow(
      "Cannot compute demean: groups has 3 elements, expected 2 as in the first argument.",
    );
  });
});

describe("scaleToUnit()", () => {
  test("makes absolute values add up to 1, and is null where there are only zeros", () => {
    expect(run(scaleToUnit, [1, -3, 4])).toEqual([0.125, -0.375, 0.5]);
    expect(run(scaleToUnit, [0, 0])).toEqual([NaN, NaN]);
  });
});
