import { expect } from "vitest";
import { bitsOf } from "../shared/kernels/series.ts";

interface Run {
  readonly outputs: Readonly<Record<string, Float64Array>>;
  readonly state: Float64Array;
}

/**
 * Holds a recursive group to its promise: a series of `length` bars that is cut anywhere and gone on with from the state
 * saved there has the same bits, and leaves the same state. `run` computes the bars from one row to before another.
 */
export function expectResumes(
  length: number,
  cuts: readonly number[],
  run: (from: number, to: number, saved?: { readonly state: Float64Array; readonly ordinal: number }) => Run,
): void {
  const whole = run(0, length);
  for (const cut of cuts) {
    const first = run(0, cut);
    const rest = run(cut, length, { state: first.state, ordinal: cut });
    for (const [name, values] of Object.entries(whole.outputs)) {
      const joined = [...bitsOf(first.outputs[name]!), ...bitsOf(rest.outputs[name]!)];
      expect([cut, name, joined]).toEqual([cut, name, bitsOf(values)]);
    }
    expect([cut, bitsOf(rest.state)]).toEqual([cut, bitsOf(whole.state)]);
  }
}
