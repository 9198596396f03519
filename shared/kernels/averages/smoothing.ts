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

/** Doubles that `ema` and `wilder` need to go on where they stopped: values seen (up to `period`), average. */
export const smoothingStateLength = 2;

/**
 * The recursion behind `ema` and `wilder`: `average = (1 - alpha) * average + alpha * value`. In this form the
 * chain from one bar to the next is one multiplication and one addition; `average + alpha * (value - average)`
 * is half as fast again.
 */
export function smooth(
  values: Float64Array,
  period: number,
  alpha: number,
  seeding: Seeding,
  out: Float64Array,
  state: Float64Array,
): void {
  const length = values.length;
  const decay = 1 - alpha;
  const seedCount = seeding === "first" ? 1 : period;
  let seen = state[0]!;
  // Until the seed is complete this holds the sum of the values seen, afterwards the average.
  let average = state[1]!;
  let i = 0;
  for (; i < length && seen < seedCount; i++) {
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
  for (; i < length; i++) {
    const value = values[i]!;
    if (value - value !== 0) {
      // NaN, but computed: see rsi.
      out[i] = value - value;
      continue;
    }
    average = decay * average + alpha * value;
    out[i] = average;
  }
  state[0] = seen;
  state[1] = average;
}
