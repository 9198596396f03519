/**
 * Formulas order numbers that are equal on paper but differ in the last bit: two perfect correlations, a sum that is
 * zero, 1 - 52/105 and 53/105. Rounding before ordering gives equal numbers equal ranks, whichever way they were
 * computed. Twelve digits are kept.
 */
export const GRID_STEPS = 2 ** 40;

/** Rounds each value to 40 significant bits (Veltkamp's splitting). */
export function roundToDigits(x: Float64Array, out: Float64Array): void {
  const splitter = 2 ** 13 + 1;
  for (let i = 0; i < x.length; i++) {
    const high = x[i]! * splitter;
    out[i] = high - (high - x[i]!);
  }
}

/** Rounds each value to a multiple of a 2^40th of `unit`, a power of two. */
export function roundToGrid(x: Float64Array, unit: number, out: Float64Array): void {
  const scale = GRID_STEPS / unit;
  for (let i = 0; i < x.length; i++) out[i] = Math.round(x[i]! * scale) / scale;
}

/** The smallest power of two that is not below `largest`, within the range where scaling stays finite. */
export function gridUnit(largest: number): number {
  let unit = 1;
  while (unit < largest && unit < 2 ** 900) unit *= 2;
  while (unit / 2 >= largest && unit > 2 ** -900) unit /= 2;
  return unit;
}

/** The largest absolute value; 0 if there is none. */
export function largestOf(x: Float64Array): number {
  let largest = 0;
  for (let i = 0; i < x.length; i++) {
    const size = Math.abs(x[i]!);
    if (size > largest && size < Infinity) largest = size;
  }
  return largest;
}
