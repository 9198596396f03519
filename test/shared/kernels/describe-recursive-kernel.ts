import { describe, expect, test } from "vitest";
import { bitsOf, firstValue, seededRandom, walk } from "./series.ts";

/** A recursive kernel of one series. */
export interface RecursiveKernel {
  /** The length of its state in doubles, which are all 0 after nulls only. */
  readonly stateLength: number;
  readonly outputs: number;
  /** Index of the first value of each output on a series without nulls. */
  readonly first: readonly number[];
  run(values: Float64Array, outs: readonly Float64Array[], state?: Float64Array): void;
}

/** The checks that every recursive kernel of one series passes. */
export function describeRecursiveKernel(name: string, kernel: RecursiveKernel): void {
  describe(name, () => {
    const outputsFor = (length: number) =>
      Array.from({ length: kernel.outputs }, () => new Float64Array(length).fill(NaN));
    const compute = (values: Float64Array, state?: Float64Array) => {
      const outs = outputsFor(values.length);
      kernel.run(values, outs, state);
      return outs;
    };

    test("has its first value where its documentation says", () => {
      expect(compute(walk(60, 1)).map(firstValue)).toEqual(kernel.first);
    });

    test("writes every element, whatever stood there", () => {
      const values = walk(60, 2, 0.2);
      const outs = outputsFor(60).map((out) => out.fill(777));
      kernel.run(values, outs);
      expect(outs.map(bitsOf)).toEqual(compute(values).map(bitsOf));
    });

    test("resumed from its state at any cut gives the same bits and the same state", () => {
      const random = seededRandom(4);
      for (let round = 0; round < 60; round++) {
        const values = walk(80, round, round % 3 === 0 ? 0.3 : 0);
        const wholeState = new Float64Array(kernel.stateLength);
        const whole = compute(values, wholeState).map(bitsOf);
        const cuts = [Math.floor(random() * 81), Math.floor(random() * 81)].toSorted((a, b) => a - b);
        const state = new Float64Array(kernel.stateLength);
        const pieces = [
          values.subarray(0, cuts[0]),
          values.subarray(cuts[0], cuts[1]),
          values.subarray(cuts[1]),
        ].map((piece) => compute(piece, state).map(bitsOf));
        const joined = whole.map((_, output) => pieces.flatMap((piece) => piece[output]!));
        expect(joined).toEqual(whole);
        expect(bitsOf(state)).toEqual(bitsOf(wholeState));
      }
    });

    test("resumed bar by bar gives the same bits", () => {
      const values = walk(60, 8, 0.1);
      const state = new Float64Array(kernel.stateLength);
      const bars = Array.from(values, (value) => compute(Float64Array.of(value), state));
      const joined = outputsFor(60).map((_, output) => Float64Array.from(bars, (bar) => bar[output]![0]!));
      expect(joined.map(bitsOf)).toEqual(compute(values).map(bitsOf));
    });

    test("gives null at a null bar and elsewhere what it gives without the bar", () => {
      const values = walk(120, 3);
      for (const hole of [NaN, Infinity, -Infinity]) {
        const holed = values.map((value, i) => (i % 7 === 3 || i === 0 || (i > 50 && i < 55) ? hole : value));
        const kept = Array.from(holed.keys()).filter((i) => Number.isFinite(holed[i]));
        const dense = compute(Float64Array.from(kept, (i) => holed[i]!));
        const expected = outputsFor(120);
        kept.forEach((i, position) =>
          expected.forEach((out, output) => (out[i] = dense[output]![position]!)),
        );
        expect(compute(holed).map(bitsOf)).toEqual(expected.map(bitsOf));
      }
    });

    test("of a series shorter than its warm-up is null, of an empty one empty", () => {
      for (const length of [0, 1, 5]) {
        const outs = compute(walk(length, 1));
        outs.forEach((out, output) => {
          expect(out).toHaveLength(length);
          expect(firstValue(out)).toBe(Math.min(length, kernel.first[output]!));
        });
      }
    });

    test("of nulls only is null and leaves the fresh state", () => {
      const state = new Float64Array(kernel.stateLength);
      const outs = compute(new Float64Array(40).fill(NaN), state);
      expect(outs.every((out) => firstValue(out) === 40)).toBe(true);
      expect([...state]).toEqual(Array.from({ length: kernel.stateLength }, () => 0));
    });

    test("refuses outputs of another length and a state that is too short", () => {
      const values = walk(10, 1);
      expect(() => kernel.run(values, outputsFor(9))).toThrow(
        /has 9 elements, expected 10 as in the first argument\.$/,
      );
      const short = new Float64Array(kernel.stateLength - 1);
      expect(() => kernel.run(values, outputsFor(10), short)).toThrow(
        `state has ${kernel.stateLength - 1} elements, expected ${kernel.stateLength}.`,
      );
    });
  });
}
