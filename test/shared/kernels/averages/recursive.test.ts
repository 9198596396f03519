import { describe, expect, test } from "vitest";
import {
  dema,
  demaStateLength,
  kama,
  kamaStateLength,
  t3,
  t3StateLength,
  tema,
  temaStateLength,
} from "../../../../shared/kernels/index.ts";
import { describeRecursiveKernel, type RecursiveKernel } from "../describe-recursive-kernel.ts";
import { bitsOf, walk } from "../series.ts";

const one = { outputs: 1 } as const;
const KERNELS: Readonly<Record<string, RecursiveKernel>> = {
  "dema, mean seed": {
    ...one,
    stateLength: demaStateLength,
    first: [13],
    run: (v, [a], state) => dema(v, 14, a!, { state }),
  },
  "dema, first seed": {
    ...one,
    stateLength: demaStateLength,
    first: [0],
    run: (v, [a], state) => dema(v, 14, a!, { seeding: "first", state }),
  },
  "tema, mean seed": {
    ...one,
    stateLength: temaStateLength,
    first: [19],
    run: (v, [a], state) => tema(v, 20, a!, { state }),
  },
  "tema of one bar": {
    ...one,
    stateLength: temaStateLength,
    first: [0],
    run: (v, [a], state) => tema(v, 1, a!, { state }),
  },
  "t3, first seed": {
    ...one,
    stateLength: t3StateLength,
    first: [0],
    run: (v, [a], state) => t3(v, 5, a!, { state }),
  },
  "t3, mean seed": {
    ...one,
    stateLength: t3StateLength,
    first: [4],
    run: (v, [a], state) => t3(v, 5, a!, { seeding: "mean", volumeFactor: 0.4, state }),
  },
  "kama with its efficiency": {
    outputs: 2,
    stateLength: kamaStateLength(10),
    first: [9, 10],
    run: (v, [a, b], state) => kama(v, { period: 10 }, a!, { efficiency: b!, state }),
  },
  "kama of one bar": {
    ...one,
    stateLength: kamaStateLength(1),
    first: [0],
    run: (v, [a], state) => kama(v, { period: 1, fast: 3, slow: 20 }, a!, { state }),
  },
};

for (const [name, kernel] of Object.entries(KERNELS)) describeRecursiveKernel(name, kernel);

describe("cascades of averages", () => {
  test.each([
    ["dema", (v: Float64Array, out: Float64Array) => dema(v, 3, out)],
    ["tema", (v: Float64Array, out: Float64Array) => tema(v, 3, out)],
    ["t3", (v: Float64Array, out: Float64Array) => t3(v, 3, out)],
  ])("%s of equal values stays there", (_, run) => {
    const out = new Float64Array(50);
    run(new Float64Array(50).fill(0.1), out);
    for (const value of out.subarray(2)) expect(value).toBeCloseTo(0.1, 14);
  });

  test("by hand: period 3, so a half each, values 1 2 3 7", () => {
    const values = Float64Array.of(1, 2, 3, 7);
    const out = new Float64Array(4);
    const first = (2 + 7) / 2;
    const second = (2 + first) / 2;
    const third = (2 + second) / 2;
    dema(values, 3, out);
    expect([...out]).toEqual([NaN, NaN, 2, 2 * first - second]);
    tema(values, 3, out);
    expect([...out]).toEqual([NaN, NaN, 2, 3 * (first - second) + third]);
  });

  test("t3 is its definition, one generalised average within the other", () => {
    const values = walk(40, 5);
    // In floating point, the nested form and the expanded one differ in the last places.
    const step = (series: Float64Array) => {
      let average = series[0]!;
      return series.map((value) => (average += 0.5 * (value - average)));
    };
    const gd = (series: Float64Array) => {
      const [once, twice] = [step(series), step(step(series))];
      return once.map((value, i) => 1.7 * value - 0.7 * twice[i]!);
    };
    const out = new Float64Array(40);
    t3(values, 3, out);
    gd(gd(gd(values))).forEach((value, i) => expect(out[i]).toBeCloseTo(value, 10));
  });

  test("t3 refuses a volume factor that is no number", () => {
    expect(() => t3(walk(3, 1), 3, new Float64Array(3), { volumeFactor: NaN })).toThrow(
      "Cannot compute t3: volumeFactor is NaN, expected a number, usually from 0 to 1.",
    );
  });
});

describe("kama()", () => {
  const run = (values: Float64Array, period: number) => {
    const [out, efficiency] = [new Float64Array(values.length), new Float64Array(values.length)];
    kama(values, { period }, out, { efficiency });
    return { out, efficiency };
  };

  test("takes a straight move at the fast span and one to and fro at the slow one", () => {
    const rising = run(Float64Array.of(1, 2, 3, 4), 2);
    expect([...rising.efficiency]).toEqual([NaN, NaN, 1, 1]);
    expect(rising.out[1]).toBe(2);
    expect(rising.out[2]).toBeCloseTo(2 + (2 / 3) ** 2, 14);
    const swinging = run(Float64Array.of(1, 2, 1, 2), 2);
    expect([...swinging.efficiency]).toEqual([NaN, NaN, 0, 0]);
    expect(swinging.out[2]).toBeCloseTo(2 - (2 / 31) ** 2, 14);
  });

  test("has an efficiency of 0 where nothing moved, and goes on towards the value", () => {
    const { out, efficiency } = run(Float64Array.of(1, 3, 3, 3, 3, 3), 2);
    expect([...efficiency]).toEqual([NaN, NaN, 1, 0, 0, 0]);
    const flat = run(new Float64Array(6).fill(7), 2);
    expect([...flat.out.subarray(1)]).toEqual([7, 7, 7, 7, 7]);
    expect(out.at(-1)).toBe(3);
  });

  test("has forgotten a huge value once it has left the window", () => {
    const calm = walk(40, 3);
    const jumped = calm.with(4, 1e15);
    const after = 4 + 2 * 5;
    expect(bitsOf(run(jumped, 5).efficiency.subarray(after))).toEqual(
      bitsOf(run(calm, 5).efficiency.subarray(after)),
    );
  });

  test("refuses spans that are no number of bars", () => {
    const values = walk(3, 1);
    expect(() => kama(values, { period: 2, fast: 0 }, new Float64Array(3))).toThrow(
      "Cannot compute kama: fast is 0, expected a whole number of bars, at least 1.",
    );
    expect(() => kama(values, { period: 2, slow: 1.5 }, new Float64Array(3))).toThrow(
      "Cannot compute kama: slow is 1.5, expected a whole number of bars, at least 1.",
    );
  });
});
