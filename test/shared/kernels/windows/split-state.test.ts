import { describe, expect, test } from "vitest";
import { splitState, stateLengthOf } from "../../../../shared/kernels/index.ts";
import { resumeOutputs } from "../../../../shared/kernels/windows/resume-outputs.ts";

describe("splitState()", () => {
  test("gives views of the state, one after the other, and leaves what is beyond them", () => {
    const state = Float64Array.from({ length: 7 }, (_, i) => i);
    const { a, none, b } = splitState(state, { a: 2, none: 0, b: 3 });
    expect([[...a], [...none], [...b]]).toEqual([[0, 1], [], [2, 3, 4]]);
    b[0] = 42;
    expect([...state]).toEqual([0, 1, 42, 3, 4, 5, 6]);
  });

  test("refuses a state that is shorter than its parts", () => {
    expect(stateLengthOf({ a: 2, b: 3 })).toBe(5);
    expect(() => splitState(new Float64Array(4), { a: 2, b: 3 })).toThrow(
      "Cannot split a state: it has 4 elements, expected 5.",
    );
  });
});

describe("resumeOutputs()", () => {
  test("gives the outputs themselves where no bars are in front", () => {
    const outs = [new Float64Array(2), new Float64Array(2)];
    resumeOutputs(0, outs, (...given) =>
      expect(given.map((array, i) => array === outs[i])).toEqual([true, true]),
    );
  });

  test("copies the ends of what was computed over longer columns", () => {
    const outs = [new Float64Array(2), new Float64Array(2)];
    resumeOutputs(3, outs, (first, second) => {
      expect([first!.length, second!.length]).toEqual([5, 5]);
      first!.set([1, 2, 3, 4, 5]);
      second!.fill(9);
    });
    expect(outs.map((out) => [...out])).toEqual([
      [4, 5],
      [9, 9],
    ]);
  });
});
