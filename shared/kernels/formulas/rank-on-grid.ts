import { percentRank } from "../cross-section/percent-rank.ts";
import { GRID_STEPS, gridUnit, largestOf, roundToGrid } from "./rounding.ts";

/** Whole numbers are exact up to here. */
const EXACT_MAX = 2 ** 53;

/**
 * Percentile ranks of values rounded to multiples of a 2^40th of the smallest power of two that is not below the largest.
 * Multiples of 41 bits leave room for the row in one double, so that sorting them brings the rows along and no value has
 * to be looked for afterwards: less than half the time. `scratch` is as long as the others.
 */
export function rankOnGrid(x: Float64Array, out: Float64Array, scratch: Float64Array): void {
  const largest = largestOf(x);
  const unit = gridUnit(largest);
  let places = 1;
  while (places < x.length) places *= 2;
  if ((largest / unit) * GRID_STEPS * places + places > EXACT_MAX) {
    roundToGrid(x, unit, scratch);
    percentRank(scratch, out);
    return;
  }
  const scale = GRID_STEPS / unit;
  let size = 0;
  for (let row = 0; row < x.length; row++) {
    const value = x[row]!;
    if (value - value === 0) scratch[size++] = Math.round(value * scale) * places + row;
    else out[row] = NaN;
  }
  const sorted = scratch.subarray(0, size).sort();
  for (let first = 0; first < size;) {
    const base = Math.floor(sorted[first]! / places) * places;
    let end = first + 1;
    while (end < size && sorted[end]! < base + places) end++;
    const rank = (first + 1 + end) / 2 / size;
    for (; first < end; first++) out[sorted[first]! - base] = rank;
  }
}
