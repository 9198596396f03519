import { describe, expect, test } from "vitest";
import { resumeKernel, resumeKernelStateLength, wma } from "../../../../shared/kernels/index.ts";
import { bitsOf, walk } from "../series.ts";

const PERIOD = 7;
const stateLength = resumeKernelStateLength(2, PERIOD - 1);

/** Weighted averages of two series, resumed piece by piece. */
function inPieces(series: readonly Float64Array[], cuts: readonly number[], ordinal = 0): string[][] {
  const outputs = series.map((values) => new Float64Array(values.length).fill(777));
  const state = new Float64Array(stateLength);
  cuts.slice(1).forEach((to, i) => {
    const part = (values: Float64Array) => values.subarray(cuts[i], to);
    resumeKernel(
      series.map(part),
      PERIOD - 1,
      ordinal + cuts[i]!,
      state,
      outputs.map(part),
      (inputs, outs, first) =>
        inputs.forEach((values, k) => wma(values, PERIOD, outs[k]!, { ordinal: first })),
    );
  });
  return outputs.map(bitsOf);
}

describe("resumeKernel()", () => {
  const series = [walk(50, 1, 0.05), walk(50, 2)];

  test("gives a window kernel's bits wherever its series are cut", () => {
    for (const ordinal of [0, 3]) {
      const whole = inPieces(series, [0, 50], ordinal);
      for (let cut = 0; cut <= 50; cut++) expect(inPieces(series, [0, cut, 50], ordinal)).toEqual(whole);
      expect(inPieces(series, Array.from(Array(51).keys()), ordinal)).toEqual(whole);
    }
  });

  test("passes the outputs on as they are where nothing was saved, and the ordinal", () => {
    const output = new Float64Array(5);
    const seen: unknown[] = [];
    resumeKernel([walk(5, 1)], 2, 11, new Float64Array(3), [output], (_, outputs, ordinal) =>
      seen.push(outputs[0] === output, ordinal),
    );
    expect(seen).toEqual([true, 11]);
  });

  test("of a kernel without look-back saves nothing", () => {
    const state = new Float64Array(resumeKernelStateLength(1, 0));
    const output = new Float64Array(3);
    const copy = () =>
      resumeKernel([Float64Array.of(1, 2, 3)], 0, 0, state, [output], ([values], [out]) => out!.set(values!));
    copy();
    expect([[...state], [...output]]).toEqual([[0], [1, 2, 3]]);
  });

  test("refuses a state that is too short", () => {
    expect(() => resumeKernel([walk(3, 1)], 4, 0, new Float64Array(4), [], () => undefined)).toThrow(
      "Cannot compute resumeWindow: state has 4 elements, expected 5.",
    );
  });
});
