/** Returns the finite values only, in order: a recursive kernel's windows cover these. */
export function presentValues(values: Float64Array): Float64Array {
  const present = new Float64Array(values.length);
  let count = 0;
  for (const value of values) if (value - value === 0) present[count++] = value;
  return present.subarray(0, count);
}

/**
 * Writes the last elements of `dense`, one for each finite value of `values`, back to the rows those values came from;
 * NaN elsewhere. `out` may be `values`.
 */
export function scatterPresent(dense: Float64Array, values: Float64Array, out: Float64Array): void {
  let place = dense.length;
  for (let i = values.length - 1; i >= 0; i--) {
    const value = values[i]!;
    out[i] = value - value === 0 ? dense[--place]! : NaN;
  }
}
