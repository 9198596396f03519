import { resumeOutputs } from "./resume-outputs.ts";
import { resumeWindow, resumeWindowStateLength } from "./resume-window.ts";

/** The number of doubles `resumeKernel` keeps for this many inputs of a kernel with this look-back. */
export function resumeKernelStateLength(inputCount: number, lookBack: number): number {
  return inputCount * resumeWindowStateLength(lookBack);
}

/**
 * Runs a finite kernel inside a recursive function, which starts with its saved state and no earlier bars: the state
 * carries the last `lookBack` bars of each input, so a series that is cut anywhere and resumed gives the same bits.
 * Combines `resumeWindow` and `resumeOutputs` for a kernel with a single look-back.
 *
 * `kernel` is called once, with the inputs preceded by the saved bars (all of the same length), outputs of that
 * length, and the ordinal of their first row; `ordinal` is that of the first given row. State:
 * `resumeKernelStateLength(inputs.length, lookBack)` doubles, zeros at a symbol's first bar.
 */
export function resumeKernel(
  inputs: readonly Float64Array[],
  lookBack: number,
  ordinal: number,
  state: Float64Array,
  outputs: readonly Float64Array[],
  kernel: (inputs: readonly Float64Array[], outputs: readonly Float64Array[], ordinal: number) => void,
): void {
  const each = resumeWindowStateLength(lookBack);
  const joined = inputs.map((input, i) =>
    resumeWindow(input, lookBack, state.subarray(i * each, (i + 1) * each)),
  );
  const before = (joined[0]?.length ?? 0) - (inputs[0]?.length ?? 0);
  resumeOutputs(before, outputs, (...longer) => kernel(joined, longer, ordinal - before));
}
