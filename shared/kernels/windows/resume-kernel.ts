import { resumeWindow, resumeWindowStateLength } from "./resume-window.ts";

/** Doubles that `resumeKernel` keeps for so many inputs of a kernel with this look-back. */
export function resumeKernelStateLength(inputCount: number, lookBack: number): number {
  return inputCount * resumeWindowStateLength(lookBack);
}

/**
 * Runs a finite kernel inside a recursive function, which starts with its saved state and no earlier bars: the last
 * `lookBack` bars of each input are carried in the state, so a series cut anywhere and resumed gives the same bits.
 *
 * `kernel` is called once, with the inputs that have the saved bars in front (of one length), outputs as long, and the
 * ordinal of their first row; `ordinal` is that of the first row given. Where nothing was saved, the inputs and outputs
 * themselves are passed on.
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
  const saved = state[0]!;
  const joined = inputs.map((input, i) =>
    resumeWindow(input, lookBack, state.subarray(i * each, (i + 1) * each)),
  );
  if (saved === 0) {
    kernel(inputs, outputs, ordinal);
    return;
  }
  const longer = outputs.map((output) => new Float64Array(saved + output.length));
  kernel(joined, longer, ordinal - saved);
  outputs.forEach((output, i) => output.set(longer[i]!.subarray(saved)));
}
