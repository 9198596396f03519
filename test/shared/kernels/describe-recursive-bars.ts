import { describe, expect, test } from "vitest";
import { type Bars, cutBars, madeBars } from "./made-bars.ts";
import { bitsOf, firstValue, seededRandom } from "./series.ts";

/** A kernel over the columns of bars that carries a state. */
export interface RecursiveBarKernel {
  readonly stateLength: number;
  /** Columns in which a null makes the kernel skip the bar. */
  readonly columns: readonly (keyof Bars)[];
  /** The outputs' names in messages, with the index of each one's first value; undefined if it depends on the bars. */
  readonly outputs: Readonly<Record<string, number | undefined>>;
  /** The periods, by their names in messages. */
  readonly periods: Readonly<Record<string, number>>;
  run(
    bars: Bars,
    outs: readonly Float64Array[],
    periods: Readonly<Record<string, number>>,
    state?: Float64Array,
  ): void;
}

const LENGTH = 90;

/** The checks that every recursive kernel over bars passes. */
export function describeRecursiveBars(name: string, kernel: RecursiveBarKernel): void {
  const outputNames = Object.keys(kernel.outputs);
  const outputsFor = (length: number) => outputNames.map(() => new Float64Array(length).fill(777));
  const compute = (bars: Bars, state?: Float64Array) => {
    const outs = outputsFor(bars.close.length);
    kernel.run(bars, outs, kernel.periods, state);
    return outs;
  };
  const fresh = () => new Float64Array(kernel.stateLength);

  describe(`${name}()`, () => {
    test("has its first values where its documentation says, and at every bar from there on", () => {
      for (const length of [0, 1, 5, LENGTH]) {
        const outs = compute(madeBars(length, 1));
        Object.values(kernel.outputs).forEach((first, index) => {
          if (first === undefined) return;
          expect(firstValue(outs[index]!)).toBe(Math.min(first, length));
          expect(outs[index]!.subarray(first).some(Number.isNaN)).toBe(false);
        });
      }
    });

    test("resumed from its state at any two cuts gives the same bits and the same state", () => {
      const random = seededRandom(4);
      for (let round = 0; round < 40; round++) {
        const bars = madeBars(LENGTH, round, round % 2 === 0 ? 0.2 : 0);
        const wholeState = fresh();
        const whole = compute(bars, wholeState).map(bitsOf);
        const [a, b] = [random(), random()]
          .map((share) => Math.floor(share * (LENGTH + 1)))
          .toSorted((x, y) => x - y);
        const state = fresh();
        const pieces = [cutBars(bars, 0, a!), cutBars(bars, a!, b!), cutBars(bars, b!, LENGTH)].map((piece) =>
          compute(piece, state).map(bitsOf),
        );
        expect(whole.map((_, index) => pieces.flatMap((piece) => piece[index]!))).toEqual(whole);
        expect(bitsOf(state)).toEqual(bitsOf(wholeState));
      }
    });

    test("resumed bar by bar gives the same bits", () => {
      const bars = madeBars(LENGTH, 8, 0.1);
      const state = fresh();
      const each = Array.from(bars.close.keys(), (i) => compute(cutBars(bars, i, i + 1), state));
      const joined = outputNames.map((_, index) => Float64Array.from(each, (outs) => outs[index]![0]!));
      expect(joined.map(bitsOf)).toEqual(compute(bars).map(bitsOf));
    });

    test.each(kernel.columns)(
      "is null where %s is null or infinite and elsewhere as without the bar",
      (column) => {
        const bars = madeBars(150, 3);
        for (const hole of [NaN, Infinity, -Infinity]) {
          const isHole = (i: number) => i % 7 === 3 || i === 0 || (i > 50 && i < 55);
          const holed = { ...bars, [column]: bars[column].map((value, i) => (isHole(i) ? hole : value)) };
          const kept = Array.from(bars.close.keys()).filter((i) => !isHole(i));
          const keep = (values: Float64Array) => Float64Array.from(kept, (i) => values[i]!);
          const dense = compute({
            open: keep(bars.open),
            high: keep(bars.high),
            low: keep(bars.low),
            close: keep(bars.close),
          });
          const expected = outputNames.map(() => new Float64Array(150).fill(NaN));
          kept.forEach((i, at) => expected.forEach((out, index) => (out[i] = dense[index]![at]!)));
          expect(compute(holed).map(bitsOf)).toEqual(expected.map(bitsOf));
        }
      },
    );

    test("of nulls only is null and leaves the fresh state", () => {
      const none = new Float64Array(40).fill(NaN);
      const state = fresh();
      const outs = compute({ open: none, high: none, low: none, close: none }, state);
      expect(outs.map(firstValue)).toEqual(outputNames.map(() => 40));
      expect([...state]).toEqual([...fresh()]);
    });

    test("depends on no later bar", () => {
      const bars = madeBars(LENGTH, 11, 0.05);
      const whole = compute(bars);
      for (const end of [1, 14, 15, 40, 88]) {
        expect(compute(cutBars(bars, 0, end)).map(bitsOf)).toEqual(
          whole.map((out) => bitsOf(out.subarray(0, end))),
        );
      }
    });

    test("refuses periods, outputs and states that do not fit, by name", () => {
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
      const short = new Float64Array(kernel.stateLength - 1);
      expect(() => kernel.run(bars, outputsFor(10), kernel.periods, short)).toThrow(
        `Cannot compute ${name}: state has ${kernel.stateLength - 1} elements, expected ${kernel.stateLength}.`,
      );
    });
  });
}
