import { describe, expect, test } from "vitest";
import { ALPHA101_FORMULAS } from "../../../../shared/kernels/formulas/alpha101-formulas.ts";
import { compileFormulas } from "../../../../shared/kernels/formulas/compile-formulas.ts";
import { parseFormula } from "../../../../shared/kernels/formulas/parse-formula.ts";
import { planStage, stageOf } from "../../../../shared/kernels/formulas/plan-stage.ts";
import { createRankOnGrid } from "../../../../shared/kernels/formulas/rank-on-grid.ts";
import {
  gridUnit,
  largestOf,
  roundToDigits,
  roundToGrid,
} from "../../../../shared/kernels/formulas/rounding.ts";
import { percentRank } from "../../../../shared/kernels/index.ts";
import { bitsOf, seededRandom, walk } from "../series.ts";

/** A formula over the columns x, y and z of one symbol. */
function run(text: string, columns: Record<string, readonly number[]>, ordinal = 0): number[] {
  const formula = parseFormula(text);
  const rowCount = Object.values(columns)[0]!.length;
  const out = new Float64Array(rowCount);
  const given = (name: string) => Float64Array.from(columns[name]!);
  compileFormulas([formula], () => false).run(given, () => out, { rowCount, ordinal });
  return [...out];
}

describe("a formula", () => {
  const x = [1, 2, 3, 4];
  const y = [4, 4, 2, 2];

  test.each([
    ["1 + 2 * x", [3, 5, 7, 9]],
    ["(1 + 2) * x - y / 2", [1, 4, 8, 11]],
    ["-x ^ 2", [-1, -4, -9, -16]],
    ["2 ^ 3 ^ 2 + x * 0", [512, 512, 512, 512]],
    ["x - y - 1", [-4, -3, 0, 1]],
    ["x < y ? 10 : 20", [10, 10, 20, 20]],
    ["x > 1 || y == 4 ? x : -1 * x", [1, 2, 3, 4]],
    ["x < 2 ? 1 : x < 3 ? 2 : 3", [1, 2, 3, 3]],
    ["min(x, y)", [1, 2, 2, 2]],
    ["MAX(x, 2)", [NaN, 2, 3, 4]],
    ["Ts_Max(x, 2.9)", [NaN, 2, 3, 4]],
    ["sign(x - 2) + abs(y - 3)", [0, 1, 2, 2]],
    ["SignedPower(x - 3, 2.)", [-4, -1, 0, 1]],
    ["delay(x, 1) + delta(y, 1)", [NaN, 1, 0, 3]],
    ["sum(x, 2) + product(x, 2)", [NaN, 5, 11, 19]],
    ["ts_argmax(y, 3)", [NaN, NaN, 2, 1]],
    ["ts_argmin(x, 3)", [NaN, NaN, 1, 1]],
    ["ts_rank(x, 3)", [NaN, NaN, 1, 1]],
    ["decay_linear(x, 2) * 3", [NaN, 5, 8, 11]],
    ["covariance(x, x, 2)", [NaN, 0.5, 0.5, 0.5]],
    ["correlation(x, x * 2, 3)", [NaN, NaN, 1, 1]],
    ["correlation(x, y, 2)", [NaN, NaN, -1, NaN]],
    ["stddev(x, 3)", [NaN, NaN, 1, 1]],
  ])("%s is read as the paper means it", (text, expected) => {
    expect(run(text, { x, y })).toEqual(expected);
  });

  test("gives null for a quotient by zero, a logarithm of nothing, a power without a value, and from nulls", () => {
    const columns = { x: [0, -1, NaN, 1e300], y: [0, 0.5, 1, 1e300] };
    expect(run("1 / x", columns)).toEqual([NaN, -1, NaN, 1e-300]);
    expect(run("log(x) * 0", columns)).toEqual([NaN, NaN, NaN, 0]);
    expect(run("x ^ y", columns)).toEqual([1, NaN, NaN, NaN]);
    expect(run("x < 1", columns)).toEqual([1, 1, NaN, 0]);
    expect(run("(x < 1 || y < 1) ? 1 : 2", columns)).toEqual([1, 1, NaN, 2]);
    expect(run("x == 0", columns)).toEqual([1, 0, NaN, 0]);
    expect(run("sign(x)", columns)).toEqual([0, -1, NaN, 1]);
    expect(run("min(x, y)", columns)).toEqual([0, -1, NaN, 1e300]);
  });

  test("ranks and scales over the rows of a moment", () => {
    expect(run("rank(x)", { x: [3, NaN, 1, 3] })).toEqual([2.5 / 3, NaN, 1 / 3, 2.5 / 3]);
    expect(run("scale(x)", { x: [3, NaN, -1, 0] })).toEqual([0.75, NaN, -0.25, 0]);
    expect(run("rank(rank(x))", { x: [3, NaN, 1, 3] })).toEqual([2.5 / 3, NaN, 1 / 3, 2.5 / 3]);
    expect(parseFormula("rank(rank(-1 * rank(x)))").name).toBe("rank_times_m1_rank_x");
  });

  test("does not put in order what rounding alone tells apart", () => {
    expect(run("rank(x)", { x: [0.1 + 0.2, 0.3, 1e-17, 0] })).toEqual([0.875, 0.875, 0.375, 0.375]);
    expect(run("ts_rank(x, 2)", { x: [0.3, 0.1 + 0.2] })).toEqual([NaN, 0.75]);
    expect(run("rank(x)", { x: [1, 1 + 1e-9] })).toEqual([0.5, 1]);
  });

  test.each([
    ["rank(open", 'at "", expected ")"'],
    ["rank(open))", 'at ")", expected the end'],
    ["open +", 'at "", expected a number, a name or an opening bracket'],
    ["delta(open)", 'at "", expected 1 operands and a number of bars in delta()'],
    ["delta(open, close)", 'at "", expected 1 operands and a number of bars in delta()'],
    ["rank(open, close)", 'at "", expected 1 operands in rank()'],
    ["rnk(open) + 1", 'at ") + 1", expected an operator in place of rnk()'],
    ["a ? b", 'at "", expected ":"'],
    ["a $ b", 'at "$ b", expected the end'],
  ])("that cannot be read is refused: %s", (text, problem) => {
    expect(() => parseFormula(text)).toThrow(`Cannot read the formula ${JSON.stringify(text)}: ${problem}.`);
  });
});

describe("planStage()", () => {
  test.each([
    ["open + close", 0],
    ["delta(open, 1)", 1],
    ["rank(open)", 2],
    ["rank(delta(open, 1)) * delta(close, 1)", 2],
    ["ts_rank(rank(open), 5)", 3],
    ["rank(correlation(rank(open), rank(volume), 5))", 4],
    ["sum(rank(correlation(rank(open), rank(volume), 5)), 3)", 5],
  ])("%s is there at stage %i", (text, stage) => expect(stageOf(parseFormula(text))).toBe(stage));

  const sum = parseFormula("sum(rank(correlation(rank(open), delay(close, 2), 5)), 3) + delta(close, 4)");
  const plan = (stage: number) => {
    const { columns, imports, outputs, lookBack } = planStage([sum], stage, 5);
    const reads = Object.fromEntries(
      [...imports].map(([from, wanted]) => [from, wanted.map(({ name }) => name)]),
    );
    return { columns, reads, outputs: outputs.map(({ name }) => name), lookBack };
  };

  test("reads what the other half computes, and looks back as far as its own windows reach", () => {
    expect(plan(5)).toEqual({
      columns: ["close"],
      reads: { 4: ["rank_correlation_rank_open_delay_close_2_5"] },
      outputs: [sum.name],
      lookBack: 4,
    });
    expect(plan(4)).toMatchObject({
      columns: [],
      reads: { 3: ["correlation_rank_open_delay_close_2_5"] },
      lookBack: 0,
    });
    expect(plan(3)).toMatchObject({ columns: ["close"], reads: { 2: ["rank_open"] }, lookBack: 6 });
    expect(plan(2)).toMatchObject({ columns: ["open"], reads: {}, outputs: ["rank_open"] });
    expect(plan(1)).toEqual({ columns: [], reads: {}, outputs: [], lookBack: 0 });
  });

  test("refuses what takes more stages than there are", () => {
    expect(() => planStage([sum], 1, 3)).toThrow(
      /^Cannot compute plus_sum_rank_.* in 3 stages: it takes 5 of them\.$/,
    );
  });
});

describe("the alphas", () => {
  test("can all be read, end within five stages, and give all parts names of their own that fit a file", () => {
    const texts = Object.values(ALPHA101_FORMULAS);
    expect(texts).toHaveLength(82);
    for (const text of texts) {
      const formula = parseFormula(text);
      expect(stageOf(formula)).toBeLessThanOrEqual(5);
      expect(formula.name).toMatch(/^[A-Za-z_]\w{0,99}$/);
    }
    expect(new Set(texts.map((text) => parseFormula(text).name)).size).toBe(82);
  });
});

describe("rounding before ordering", () => {
  const round = (values: readonly number[], to: (x: Float64Array, out: Float64Array) => void) => {
    const out = new Float64Array(values.length);
    to(Float64Array.from(values), out);
    return [...out];
  };

  test("keeps what 40 bits hold, of each value or of the largest", () => {
    expect(round([1 + 2 ** -50, 3 - 2 ** -50, 2 ** 39 + 1, NaN], roundToDigits)).toEqual([
      1,
      3,
      2 ** 39 + 1,
      NaN,
    ]);
    const grid = (largest: number) => (x: Float64Array, out: Float64Array) =>
      roundToGrid(x, gridUnit(largest), out);
    expect(round([2 ** -60, 0.5 + 2 ** -60, NaN], grid(1))).toEqual([0, 0.5, NaN]);
    expect(round([2 ** -40, 2 ** -42], grid(0.9))).toEqual([2 ** -40, 0]);
    expect(round([2 ** -40, 2 ** -42], grid(0.2))).toEqual([2 ** -40, 2 ** -42]);
    expect([0, 0.5, 0.51, 3, Infinity].map(gridUnit)).toEqual([2 ** -900, 0.5, 1, 4, 2 ** 900]);
  });

  // One instance for all lengths: what it keeps from one moment must not show in the next.
  const rankOnGrid = createRankOnGrid();
  test.each([9000, 1, 7, 191, 192, 300, 4096, 5000])(
    "ranks %i rows as if they were rounded first",
    (length) => {
      const random = seededRandom(length);
      const panels = [
        walk(length, length, 0.05),
        Float64Array.from({ length }, () => Math.round(random() * 40) - 20),
        // Lengths on both sides of a power of two, beyond which row numbers would not fit beside the value.
        Float64Array.from({ length }, (_, i) => (i % 3 === 0 ? 1 : i % 3 === 1 ? -1 : random() * 1e-12)),
        Float64Array.from({ length }, (_, i) => (i % 5 === 0 ? -Infinity : random() * 1e-310)),
        // Halfway between two multiples, which Math.round rounds up, and beyond the range of the grid.
        Float64Array.from({ length }, (_, i) => ((i % 7) - 3 + 0.5) * 2 ** -40 + (i % 2)),
        Float64Array.from({ length }, (_, i) => (i % 2 === 0 ? 1e300 : random() * 1e290)),
        new Float64Array(length),
      ];
      for (const x of panels) {
        const [ours, theirs, rounded] = [1, 2, 3].map(() => new Float64Array(length).fill(777));
        rankOnGrid(x, ours!);
        roundToGrid(x, gridUnit(largestOf(x)), rounded!);
        percentRank(rounded!, theirs!);
        expect(bitsOf(ours!)).toEqual(bitsOf(theirs!));
      }
    },
  );

  test("takes the largest without nulls and infinities", () => {
    expect(largestOf(Float64Array.of(1, -3, NaN, -Infinity))).toBe(3);
    expect(largestOf(Float64Array.of(NaN))).toBe(0);
  });
});
