import { requirePeriod, stateOrFresh } from "../arguments.ts";

/** Doubles that `resumeWindow` keeps for a tail of `tailLength` values: how many there are, and the values. */
export function resumeWindowStateLength(tailLength: number): number {
  return tailLength + 1;
}

/**
 * The values with the saved tail in front, for a window kernel inside a recursive function: such a function starts
 * with its state and no earlier bars. The last `tailLength` values (fewer when there are not so many yet) replace the
 * saved ones, nulls included.
 *
 * `tailLength` is the kernel's look-back, `period - 1`. The result is `values.length` plus the length of the tail that
 * was saved; a kernel's output of the same length has the outputs of `values` at its end, and its ordinal is less by
 * the length of that tail.
 * State: `[count, tail...]`, `resumeWindowStateLength(tailLength)` doubles, zeros at a symbol's first bar.
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
