import { describe, expect, test } from "vitest";
import { bitsOf, seededRandom, walk } from "../series.ts";

/** A kernel over windows of one or two series, and the same result computed plainly from a single window. */
export interface WindowKernel {
  readonly inputs?: 1 | 2;
  /** The output's name in messages about lengths; the first input's is not checked. */
  readonly out?: string;
  /** False if the sums are not aligned at ordinals. */
  readonly hasOrdinal?: boolean;
  readonly periods?: readonly number[];
  run(inputs: readonly Float64Array[], period: number, out: Float64Array, ordinal?: number): void;
  /** Its windows contain no nulls. */
  naive(windows: readonly (readonly number[])[], period: number): number;
}

const LENGTH = 300;

/** Walks with nulls, whole numbers with many ties, and constants between jumps. */
function seriesOf(seed: number, nullShare: number): Record<string, Float64Array> {
  const random = seededRandom(seed);
  const nulls = (value: number) => (random() < nullShare ? NaN : value);
  return {
    walk: walk(LENGTH, seed, nullShare),
    ties: Float64Array.from({ length: LENGTH }, () => nulls(Math.floor(random() * 5) - 2)),
    steps: Float64Array.from({ length: LENGTH }, (_, i) => nulls(0.1 * (1 + Math.floor(i / 40)))),
  };
}

function expected(kernel: WindowKernel, inputs: readonly Float64Array[], period: number): Float64Array {
  return inputs[0]!.map((_, i) => {
    if (i < period - 1) return NaN;
    const windows = inputs.map((input) => [...input.subarray(i - period + 1, i + 1)]);
    return windows.flat().some(Number.isNaN) ? NaN : kernel.naive(windows, period);
  });
}

/** The checks that every window kernel passes. */
export function describeWindowKernel(name: string, kernel: WindowKernel): void {
  const { inputs = 1, periods = [1, 2, 3, 7, 20, 60, 299, 300], hasOrdinal = true } = kernel;
  const compute = (given: readonly Float64Array[], period: number, ordinal = 0) => {
    const out = new Float64Array(given[0]!.length).fill(777);
    kernel.run(given, period, out, ordinal);
    return out;
  };
  const inputsOf = (seed: number, nullShare: number, kind: string) =>
    Array.from({ length: inputs }, (_, k) => seriesOf(seed + 100 * k, nullShare)[kind]!);

  describe(`${name}()`, () => {
    test.each(["walk", "ties", "steps"])("agrees with each window computed on its own: %s", (kind) => {
      for (const nullShare of [0, 0.02]) {
        for (const period of periods) {
          const given = inputsOf(7 + period, nullShare, kind);
          const wanted = expected(kernel, given, period);
          const got = compute(given, period);
          got.forEach((value, i) => {
            const difference = Math.abs(value - wanted[i]!);
            const near = difference <= 1e-9 * Math.max(1, Math.abs(wanted[i]!));
            if (near || (Number.isNaN(value) && Number.isNaN(wanted[i]!))) return;
            expect([kind, nullShare, period, i, value]).toEqual([kind, nullShare, period, i, wanted[i]]);
          });
        }
      }
    });

    test("has the same bits wherever it starts, with the bars of its look-back before", () => {
      for (const nullShare of [0, 0.02]) {
        for (const period of periods) {
          const given = inputsOf(31, nullShare, "walk");
          const whole = compute(given, period, 11);
          for (const start of [1, 2, 6, 13, 59, 150, 239, 299]) {
            const later = given.map((input) => input.subarray(start));
            const bits = bitsOf(compute(later, period, 11 + start).subarray(period - 1));
            expect([period, start, bits]).toEqual([
              period,
              start,
              bitsOf(whole.subarray(start + period - 1)),
            ]);
          }
        }
      }
    });

    test("has the same bits wherever it ends: nothing comes from later bars", () => {
      const given = inputsOf(43, 0.02, "walk");
      for (const period of periods) {
        const whole = compute(given, period, 5);
        for (const end of [1, 7, 61, 200]) {
          const earlier = given.map((input) => input.subarray(0, end));
          expect(bitsOf(compute(earlier, period, 5))).toEqual(bitsOf(whole.subarray(0, end)));
        }
      }
    });

    test("is null throughout when the window is longer than the series", () => {
      const short = Array.from({ length: inputs }, () => Float64Array.of(1, 2, 3));
      for (const period of [4, 5, 1_000]) {
        for (const ordinal of [0, 1, 4, 999])
          expect([...compute(short, period, ordinal)]).toEqual([NaN, NaN, NaN]);
      }
      const none = Array.from({ length: inputs }, () => new Float64Array(0));
      expect([...compute(none, 3)]).toEqual([]);
    });

    test("computes a series of one bar", () => {
      const one = Array.from({ length: inputs }, () => Float64Array.of(3));
      expect([...compute(one, 1)]).toEqual([
        kernel.naive(
          one.map((input) => [...input]),
          1,
        ),
      ]);
      expect([...compute(one, 2, 1)]).toEqual([NaN]);
    });

    test("refuses a period, an output or an ordinal that cannot be", () => {
      const given = inputsOf(1, 0, "ties");
      for (const period of [0, -1, 2.5, NaN]) {
        expect(() => compute(given, period)).toThrow(
          `Cannot compute ${name}: period is ${period}, expected a whole number of bars, at least 1.`,
        );
      }
      expect(() => kernel.run(given, 3, new Float64Array(4))).toThrow(
        `Cannot compute ${name}: ${kernel.out ?? "out"} has 4 elements, expected 300 as in the first argument.`,
      );
      if (!hasOrdinal) return;
      for (const ordinal of [-1, 0.5, NaN]) {
        expect(() => compute(given, 3, ordinal)).toThrow(
          new RegExp(
            `^Cannot compute ${name}: ordinal is ${ordinal}, expected the number of bars before row 0, at least 0\\.$`,
          ),
        );
      }
    });
  });
}

/** A level with comparatively small noise, on which careless formulas lose digits. */
export function highLevel(length: number, seed: number, level = 100_000, noise = 0.01): Float64Array {
  const random = seededRandom(seed);
  return Float64Array.from({ length }, () => level + noise * (2 * random() - 1));
}

export const meanOf = (window: readonly number[]): number =>
  window.reduce((sum, value) => sum + value, 0) / window.length;
