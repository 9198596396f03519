import { resumeOutputs } from "./resume-outputs.ts";
import { resumeWindow, resumeWindowStateLength } from "./resume-window.ts";

/** Doubles that `resumeKernel` keeps for so many inputs of a kernel with this look-back. */
export function resumeKernelStateLength(inputCount: number, lookBack: number): number {
  return inputCount * resumeWindowStateLength(lookBack);
}

/**
 * Runs a finite kernel inside a recursive function, which starts with its saved state and no earlier bars: the last
 * `lookBack` bars of each input are carried in the state, so a series cut anywhere and resumed gives the same bits.
 * `resumeWindow` and `resumeOutputs` in one, for kernels of one look-back.
 *
 * `kernel` is called once, with the inputs that have the saved bars in front (of one length), outputs as long, and the
 * ordinal of their first row; `ordinal` is that of the first row given.
 * State: `resumeKernelStateLength(inputs.length, lookBack)` doubles, zeros at a symbol's first bar.
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
