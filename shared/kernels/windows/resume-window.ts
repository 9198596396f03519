import { requirePeriod, stateOrFresh } from "../arguments.ts";

/** The number of doubles `resumeWindow` keeps for a tail of `tailLength` values: their count, and the values. */
export function resumeWindowStateLength(tailLength: number): number {
  return tailLength + 1;
}

/**
 * Returns the values preceded by the saved tail, for a window kernel inside a recursive function, which starts with
 * its state and no earlier bars. The last `tailLength` values (or fewer, if there are not that many yet) replace the
 * saved ones, nulls included.
 *
 * `tailLength` is the kernel's look-back, `period - 1`. The result is longer than `values` by the length of the saved
 * tail. A kernel's output of that length ends with the outputs of `values`, and the kernel's ordinal is lower by the
 * length of the tail. State: `[count, tail...]`, `resumeWindowStateLength(tailLength)` doubles, zeros at a symbol's
 * first bar.
 */
export function resumeWindow(values: Float64Array, tailLength: number, state: Float64Array): Float64Array {
  requirePeriod("resumeWindow", "tailLength", tailLength, 0);
  const saved = stateOrFresh("resumeWindow", state, resumeWindowStateLength(tailLength));
  const count = saved[0]!;
  const joined = new Float64Array(count + values.length);
  joined.set(saved.subarray(1, 1 + count));
  joined.set(values, count);
  const kept = Math.min(tailLength, joined.length);
  saved[0] = kept;
  saved.set(joined.subarray(joined.length - kept), 1);
  return joined;
}
