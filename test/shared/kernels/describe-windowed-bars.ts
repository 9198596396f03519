import { describe, expect, test } from "vitest";
import { type Bars, cutBars, madeBars } from "./made-bars.ts";
import { bitsOf, firstValue } from "./series.ts";

/** A kernel over windows of the columns of bars. */
export interface WindowedBarKernel {
  /** Columns that it reads. */
  readonly columns: readonly (keyof Bars)[];
  /** Number of bars before its own that a value depends on. */
  readonly lookBack: number;
  /** The outputs' names in messages, with the index of each one's first value. */
  readonly outputs: Readonly<Record<string, number>>;
  /** The periods, by their names in messages. */
  readonly periods: Readonly<Record<string, number>>;
  run(
    bars: Bars,
    outs: readonly Float64Array[],
    periods: Readonly<Record<string, number>>,
    ordinal?: number,
  ): void;
}

const LENGTH = 150;

/** The checks that every kernel over windows of bars passes. */
export function describeWindowedBars(name: string, kernel: WindowedBarKernel): void {
  const outputNames = Object.keys(kernel.outputs);
  const outputsFor = (length: number) => outputNames.map(() => new Float64Array(length).fill(777));
  const compute = (bars: Bars, ordinal?: number) => {
    const outs = outputsFor(bars.close.length);
    kernel.run(bars, outs, kernel.periods, ordinal);
    return outs;
  };

  describe(`${name}()`, () => {
    test("has its first values where its documentation says, and at every bar from there on", () => {
      for (const length of [0, 1, 5, LENGTH]) {
        const outs = compute(madeBars(length, 1));
        Object.values(kernel.outputs).forEach((first, index) => {
          expect(firstValue(outs[index]!)).toBe(Math.min(first, length));
          expect(outs[index]!.subarray(first).some(Number.isNaN)).toBe(false);
        });
      }
      expect(Math.max(...Object.values(kernel.outputs))).toBe(kernel.lookBack);
    });

    test("has the same bits wherever it starts, with the bars of its look-back before", () => {
      for (const nullShare of [0, 0.05]) {
        const bars = madeBars(LENGTH, 31, nullShare);
        const whole = compute(bars, 11);
        for (const start of [1, 2, 6, 13, 59, 100]) {
          const later = compute(cutBars(bars, start, LENGTH), 11 + start);
          later.forEach((out, index) => {
            expect([start, index, bitsOf(out.subarray(kernel.lookBack))]).toEqual([
              start,
              index,
              bitsOf(whole[index]!.subarray(start + kernel.lookBack)),
            ]);
          });
        }
      }
    });

    test("depends on no later bar", () => {
      const bars = madeBars(LENGTH, 43, 0.05);
      const whole = compute(bars, 5);
      for (const end of [1, 7, 61, 100]) {
        expect(compute(cutBars(bars, 0, end), 5).map(bitsOf)).toEqual(
          whole.map((out) => bitsOf(out.subarray(0, end))),
        );
      }
    });

    test.each(kernel.columns)(
      "is null in the windows that a null in %s falls into, and in no other",
      (column) => {
        const bars = madeBars(LENGTH, 17);
        const at = 70;
        const holed = { ...bars, [column]: bars[column].map((value, i) => (i === at ? NaN : value)) };
        const [plain, outs] = [compute(bars), compute(holed)];
        let nullCount = 0;
        outs.forEach((out, index) => {
          const after = at + kernel.lookBack + 1;
          expect(bitsOf(out.subarray(0, at))).toEqual(bitsOf(plain[index]!.subarray(0, at)));
          expect(bitsOf(out.subarray(after))).toEqual(bitsOf(plain[index]!.subarray(after)));
          // Outputs that are not null there do not depend on the column at that distance.
          out.subarray(at, after).forEach((value, i) => {
            if (!Number.isNaN(value)) expect(value).toBe(plain[index]![at + i]);
          });
          nullCount += out.subarray(at, after).filter(Number.isNaN).length;
        });
        expect(nullCount).toBeGreaterThan(0);
      },
    );

    test("refuses periods and outputs that do not fit, by name", () => {
      const bars = madeBars(10, 1);
      for (const [period] of Object.entries(kernel.periods)) {
        for (const given of [0, -1, 1.5, NaN, Infinity]) {
          expect(() => kernel.run(bars, outputsFor(10), { ...kernel.periods, [period]: given })).toThrow(
            `Cannot compute ${name}: ${period} is ${given}, expected a whole number of bars, at least `,
          );
        }
      }
      outputNames.forEach((output, index) => {
        const outs = outputsFor(10);
        outs[index] = new Float64Array(9);
        expect(() => kernel.run(bars, outs, kernel.periods)).toThrow(
          `Cannot compute ${name}: ${output} has 9 elements, expected 10 as in the first argument.`,
        );
      });
    });
  });
}
