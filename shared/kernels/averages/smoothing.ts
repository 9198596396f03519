import type { StateOptions } from "../state-options.ts";

/**
 * How a recursive average begins.
 * - `mean`: null until `period` values have been seen, then their mean (the textbook, and most libraries);
 * - `first`: the first value itself, so there is no null warm-up (pandas' `ewm(adjust=False)`).
 */
export type Seeding = "mean" | "first";

export interface SmoothingOptions extends StateOptions {
  /** Default `mean`. */
  readonly seeding?: Seeding | undefined;
}

/**
 * Length of the state of `ema` and `wilder`, in doubles: values seen (up to the seed, then within the current block),
 * average before the block, the block's first value, and the contribution of its other values.
 */
export const smoothingStateLength = 4;

/** Values after the seed are processed in blocks of four, wherever the series is cut. */
const BLOCK = 4;

/**
 * The recursion behind `ema` and `wilder`, `average = (1 - alpha) * average + alpha * value`, solved for blocks of
 * four values. Measured from the block's first value, an average is the one before the block times a power of `1 -
 * alpha`, plus the contribution of the block's other values. The next computation therefore waits only for every
 * fourth average, which is twice as fast as going one by one. A constant series is exactly its own average.
 */
export function smooth(
  values: Float64Array,
  period: number,
  alpha: number,
  seeding: Seeding,
  out: Float64Array,
  state: Float64Array,
): void {
  const seedCount = seeding === "first" ? 1 : period;
  const seeded = seedAverage(values, seedCount, out, state);
  continueAverage(values, seeded, seedCount, alpha, out, state);
}

/** Processes bars until the seed is complete; returns the index of the first bar after that. */
function seedAverage(
  values: Float64Array,
  seedCount: number,
  out: Float64Array,
  state: Float64Array,
): number {
  let seen = state[0]!;
  // The sum of the values seen; with the last of them it becomes their mean.
  let average = state[1]!;
  let i = 0;
  for (; i < values.length && seen < seedCount; i++) {
    const value = values[i]!;
    out[i] = NaN;
    if (value - value !== 0) continue;
    average += value;
    seen++;
    if (seen === seedCount) {
      average /= seedCount;
      out[i] = average;
    }
  }
  state[0] = seen;
  state[1] = average;
  return i;
}

/**
 * Processes whole blocks at once, and single bars where a block is cut or contains a null. Both give the same bits.
 */
function continueAverage(
  values: Float64Array,
  start: number,
  seedCount: number,
  alpha: number,
  out: Float64Array,
  state: Float64Array,
): void {
  const length = values.length;
  const decay = 1 - alpha;
  const decay2 = decay * decay;
  const decay3 = decay2 * decay;
  const decay4 = decay3 * decay;
  let inBlock = state[0]! - seedCount;
  let average = state[1]!;
  let origin = state[2]!;
  let added = state[3]!;
  let i = start;
  while (i < length) {
    if (inBlock === 0 && i + BLOCK <= length) {
      const first = values[i]!;
      const second = values[i + 1]!;
      const third = values[i + 2]!;
      const fourth = values[i + 3]!;
      const sum = first + second + third + fourth;
      if (sum - sum === 0) {
        const distance = average - first;
        const added2 = alpha * (second - first);
        const added3 = decay * added2 + alpha * (third - first);
        const added4 = decay * added3 + alpha * (fourth - first);
        out[i] = decay * distance + first;
        out[i + 1] = decay2 * distance + (added2 + first);
        out[i + 2] = decay3 * distance + (added3 + first);
        average = decay4 * distance + (added4 + first);
        out[i + 3] = average;
        i += BLOCK;
        continue;
      }
    }
    const value = values[i]!;
    if (value - value !== 0) {
      // Yields NaN without costing V8 a register (measured in momentum/rsi.ts).
      out[i++] = value - value;
      continue;
    }
    if (inBlock === 0) {
      origin = value;
      added = 0;
    } else added = decay * added + alpha * (value - origin);
    inBlock++;
    const power = inBlock === 1 ? decay : inBlock === 2 ? decay2 : inBlock === 3 ? decay3 : decay4;
    const now = power * (average - origin) + (added + origin);
    out[i++] = now;
    if (inBlock === BLOCK) {
      average = now;
      inBlock = 0;
    }
  }
  if (state[0]! < seedCount) return;
  state[0] = seedCount + inBlock;
  state[1] = average;
  // A finished block leaves nothing behind, whichever way it was processed.
  state[2] = inBlock === 0 ? 0 : origin;
  state[3] = inBlock === 0 ? 0 : added;
}
