import { describe, expect, test } from "vitest";
import {
  resumeWindow,
  resumeWindowStateLength,
  rollingMean,
  rollingStd,
} from "../../../../shared/kernels/index.ts";
import { bitsOf, walk } from "../series.ts";

describe("resumeWindow()", () => {
  test("puts the saved tail in front and saves the new one", () => {
    const state = new Float64Array(resumeWindowStateLength(3));
    expect([...resumeWindow(Float64Array.of(1, 2), 3, state)]).toEqual([1, 2]);
    expect([...state]).toEqual([2, 1, 2, 0]);
    expect([...resumeWindow(Float64Array.of(), 3, state)]).toEqual([1, 2]);
    expect([...resumeWindow(Float64Array.of(NaN, 4), 3, state)]).toEqual([1, 2, NaN, 4]);
    expect([...state]).toEqual([3, 2, NaN, 4]);
    expect([...resumeWindow(Float64Array.of(5, 6, 7, 8), 3, state)]).toEqual([2, NaN, 4, 5, 6, 7, 8]);
    expect([...state]).toEqual([3, 6, 7, 8]);
  });

  test("keeps nothing for a kernel without look-back", () => {
    const state = new Float64Array(resumeWindowStateLength(0));
    expect([...resumeWindow(Float64Array.of(1, 2), 0, state)]).toEqual([1, 2]);
    expect([...resumeWindow(Float64Array.of(3), 0, state)]).toEqual([3]);
    expect([...state]).toEqual([0]);
  });

  test("lets a window kernel go on bit for bit from any cuts", () => {
    const values = walk(200, 9, 0.02);
    const period = 20;
    const whole = { mean: new Float64Array(200), std: new Float64Array(200) };
    rollingMean(values, period, whole.mean);
    rollingStd(values, period, whole.std);
    for (const cuts of [
      [0, 200],
      [0, 1, 200],
      [0, 5, 19, 20, 21, 200],
      [0, 100, 100, 199, 200],
    ]) {
      const state = new Float64Array(resumeWindowStateLength(period - 1));
      for (let k = 0; k + 1 < cuts.length; k++) {
        const [from, to] = [cuts[k]!, cuts[k + 1]!];
        const joined = resumeWindow(values.subarray(from, to), period - 1, state);
        const before = joined.length - (to - from);
        const out = new Float64Array(joined.length);
        rollingMean(joined, period, out, { ordinal: from - before });
        expect(bitsOf(out.subarray(before))).toEqual(bitsOf(whole.mean.subarray(from, to)));
        rollingStd(joined, period, out, { ordinal: from - before });
        expect(bitsOf(out.subarray(before))).toEqual(bitsOf(whole.std.subarray(from, to)));
      }
    }
  });

  test("refuses a tail that cannot be, and a state that is too short", () => {
    expect(() => resumeWindow(new Float64Array(2), -1, new Float64Array(2))).toThrow(
      "Cannot compute resumeWindow: tailLength is -1, expected a whole number of bars, at least 0.",
    );
    expect(() => resumeWindow(new Float64Array(2), 3, new Float64Array(3))).toThrow(
      "Cannot compute resumeWindow: state has 3 elements, expected 4.",
    );
  });
});
