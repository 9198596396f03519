import { requirePeriod, requireSameLength, stateOrFresh } from "../arguments.ts";
import type { StateOptions } from "../state-options.ts";

export interface KamaParams {
  /** Bars of the efficiency ratio. Usually 10. */
  readonly period: number;
  /** Span that a straight move is smoothed with. Default 2. */
  readonly fast?: number | undefined;
  /** Span that a move to and fro is smoothed with. Default 30. */
  readonly slow?: number | undefined;
}

export interface KamaOptions extends StateOptions {
  /** Also gives the efficiency ratio, null before index `period`. */
  readonly efficiency?: Float64Array | undefined;
}

/**
 * Doubles that `kama` needs to go on where it stopped: values seen, average, last value, sum of the current block's
 * changes, the last `period` values, and the sizes of the last `period` changes (or sums of them).
 */
export function kamaStateLength(period: number): number {
  return 4 + 2 * period;
}

/**
 * Kaufman's adaptive moving average: `kama[t] = kama[t-1] + c * (value[t] - kama[t-1])` with
 * `c = (er * (f - s) + s)^2`, `f = 2 / (fast + 1)`, `s = 2 / (slow + 1)` and the efficiency ratio
 * `er = |value[t] - value[t-period]| / sum of the last period |changes|`.
 *
 * Seed: the value at index `period - 1`. Warm-up: null before it; how long the seed matters depends on the prices:
 * at worst (`er` 0 throughout) `20.7 / s^2` bars to 1e-9 relative (slow 30: 4,980), in a straight move of 2/30 about 40.
 * Zero variance: where nothing moved for `period` bars, `er` is 0 and the slow span goes on. (Stock.Indicators jumps
 * to the value there, TA-Lib takes `er` as 1.)
 * Nulls: NaN and infinite values give NaN at their bar and are otherwise as if the bar were absent.
 * Recursive: resumes bit for bit from `state` (`kamaStateLength`).
 * Source: P. Kaufman, Smarter Trading, 1995; agrees with Stock.Indicators' GetKama.
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
  // Up to the current bar the block's changes, after it the sums of the block before from there to its end.
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
