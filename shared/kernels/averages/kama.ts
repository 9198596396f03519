import { requirePeriod, requireSameLength, stateOrFresh } from "../arguments.ts";
import type { StateOptions } from "../state-options.ts";

export interface KamaParams {
  /** Number of bars over which the efficiency ratio is taken. Usually 10. */
  readonly period: number;
  /** Smoothing span when the price moves in a straight line. Default 2. */
  readonly fast?: number | undefined;
  /** Smoothing span when the price moves back and forth. Default 30. */
  readonly slow?: number | undefined;
}

export interface KamaOptions extends StateOptions {
  /** If given, receives the efficiency ratio, which is null before index `period`. */
  readonly efficiency?: Float64Array | undefined;
}

/**
 * Length of the state of `kama`, in doubles: values seen, average, last value, sum of the current block's changes, the
 * last `period` values, and the sizes of the last `period` changes (or sums of them).
 */
export function kamaStateLength(period: number): number {
  return 4 + 2 * period;
}

/**
 * Kaufman's adaptive moving average: `kama[t] = kama[t-1] + c * (value[t] - kama[t-1])` with `c = (er * (f - s) +
 * s)^2`, `f = 2 / (fast + 1)`, `s = 2 / (slow + 1)` and the efficiency ratio `er = |value[t] - value[t-period]| / sum
 * of the last period |changes|`.
 *
 * Seed: the value at index `period - 1`. Warm-up: null before it. How long the seed affects values (1e-9 relative)
 * depends on the prices: in the worst case (`er` always 0) for `20.7 / s^2` bars (slow 30: 4,980), in a straight move
 * with 2/30 for about 40. Zero variance: if nothing moved for `period` bars, `er` is 0 and the slow span applies.
 * (Stock.Indicators jumps to the value there, TA-Lib takes `er` as 1.) Nulls: a NaN or infinite value gives NaN at its
 * bar, and the bar is otherwise skipped. Recursive: resumes bit for bit from `state` (`kamaStateLength`). Source: P.
 * Kaufman, Smarter Trading, 1995; agrees with Stock.Indicators' GetKama.
 */
export function kama(
  values: Float64Array,
  { period, fast = 2, slow = 30 }: KamaParams,
  out: Float64Array,
  { efficiency, state }: KamaOptions = {},
): void {
  requirePeriod("kama", "period", period);
  requirePeriod("kama", "fast", fast);
  requirePeriod("kama", "slow", slow);
  requireSameLength("kama", { out, efficiency }, values.length);
  const saved = stateOrFresh("kama", state, kamaStateLength(period));
  const past = saved.subarray(4, 4 + period);
  // Holds the current block's changes up to the current bar, and beyond it the previous block's sums from each place
  // to its end.
  const changes = saved.subarray(4 + period, 4 + 2 * period);
  const slowest = 2 / (slow + 1);
  const range = 2 / (fast + 1) - slowest;
  let seen = saved[0]!;
  let average = saved[1]!;
  let last = saved[2]!;
  let blockSum = saved[3]!;
  let slot = seen % period;
  for (let i = 0; i < values.length; i++) {
    const value = values[i]!;
    out[i] = NaN;
    if (efficiency !== undefined) efficiency[i] = NaN;
    if (value - value !== 0) continue;
    const change = seen === 0 ? 0 : Math.abs(value - last);
    blockSum += change;
    const path = blockSum + (slot + 1 < period ? changes[slot + 1]! : 0);
    if (seen >= period) {
      const ratio = path === 0 ? 0 : Math.abs(value - past[slot]!) / path;
      if (efficiency !== undefined) efficiency[i] = ratio;
      const smoothing = ratio * range + slowest;
      average += smoothing * smoothing * (value - average);
      out[i] = average;
    } else if (seen === period - 1) {
      out[i] = average = value;
    }
    past[slot] = value;
    changes[slot] = change;
    last = value;
    seen++;
    if (++slot < period) continue;
    slot = 0;
    blockSum = 0;
    for (let earlier = period - 2; earlier >= 0; earlier--) changes[earlier]! += changes[earlier + 1]!;
  }
  saved[0] = seen;
  saved[1] = average;
  saved[2] = last;
  saved[3] = blockSum;
}
