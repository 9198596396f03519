/** The finite values alone, in order: what a recursive kernel's windows are taken over. */
export function presentValues(values: Float64Array): Float64Array {
  const present = new Float64Array(values.length);
  let count = 0;
  for (const value of values) if (value - value === 0) present[count++] = value;
  return present.subarray(0, count);
}

/**
 * Puts the last of `dense`, which has one element for each finite value of `values` at its end, back to the rows they
 * came from; NaN elsewhere. `out` may be `values`.
 */
export function scatterPresent(dense: Float64Array, values: Float64Array, out: Float64Array): void {
  let place = dense.length;
  for (let i = values.length - 1; i >= 0; i--) {
    const value = values[i]!;
    out[i] = value - value === 0 ? dense[--place]! : NaN;
  }
}
