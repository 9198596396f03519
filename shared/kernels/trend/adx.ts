import { requirePeriod, requireSameLength, stateOrFresh } from "../arguments.ts";
import type { StateOptions } from "../state-options.ts";
import { trueRangeOf } from "../volatility/true-range.ts";

/** What `adx` writes; all of the inputs' length. */
export interface AdxOutputs {
  readonly plusDi: Float64Array;
  readonly minusDi: Float64Array;
  readonly adx: Float64Array;
  /** Mean of `adx` now and `period` bars before (TA-Lib: `period - 1`). */
  readonly adxr: Float64Array;
}

const FIXED = 9;

/**
 * Doubles that `adx` needs to go on: bars seen, last high, low and close, smoothed range and movements, values of
 * `adx` before, `adx`, and the last `period` values of it.
 */
export const adxStateLength = (period: number): number => FIXED + period;

/**
 * Average directional index. Up is the rise of the high where it is positive and more than the fall of the low, down
 * the mirror image; `+DI = 100 * s(up) / s(true range)`, `-DI` of down, and `adx` is the average of
 * `100 * |+DI - -DI| / (+DI + -DI)`; `s` is Wilder's sum `s[t] = s[t-1] - s[t-1] / period + value`, the average
 * Wilder's.
 *
 * Seed: the sums begin with the sum of the first `period` values, of the second bar on; `adx` with the mean of its
 * first `period`.
 * Warm-up: DI null before index `period`, `adx` before `2 * period - 1`, `adxr` before `3 * period - 1`; the seeds
 * matter no more to 1e-9 after about `26 * period` bars (14: 360).
 * Edge cases: no movement in either direction makes both DI 0 and counts as 0 in `adx`; no range at all gives null
 * and is passed over by `adx`.
 * Nulls: a bar whose high, low or close is NaN or infinite gives NaN and is otherwise as if it were absent.
 * Recursive: resumes bit for bit from `state` (`adxStateLength(period)`).
 * Source: J. W. Wilder, New Concepts in Technical Trading Systems, 1978; agrees with Stock.Indicators' GetAdx.
 */
export function adx(
  high: Float64Array,
  low: Float64Array,
  close: Float64Array,
  period: number,
  { plusDi, minusDi, adx: adxOut, adxr }: AdxOutputs,
  { state }: StateOptions = {},
): void {
  requirePeriod("adx", "period", period);
  requireSameLength("adx", { low, close, plusDi, minusDi, adx: adxOut, adxr }, high.length);
  const saved = stateOrFresh("adx", state, adxStateLength(period));
  directionalIndicators(high, low, close, period, plusDi, minusDi, saved);
  averageIndex(plusDi, minusDi, period, adxOut, adxr, saved);
}

function directionalIndicators(
  high: Float64Array,
  low: Float64Array,
  close: Float64Array,
  period: number,
  plusDi: Float64Array,
  minusDi: Float64Array,
  state: Float64Array,
): void {
  let seen = state[0]!;
  let lastHigh = state[1]!;
  let lastLow = state[2]!;
  let lastClose = state[3]!;
  let range = state[4]!;
  let plus = state[5]!;
  let minus = state[6]!;
  for (let i = 0; i < high.length; i++) {
    const top = high[i]!;
    const bottom = low[i]!;
    const end = close[i]!;
    plusDi[i] = minusDi[i] = NaN;
    if (top - top !== 0 || bottom - bottom !== 0 || end - end !== 0) continue;
    if (seen > 0) {
      const rise = top - lastHigh;
      const fall = lastLow - bottom;
      // The sums begin plainly and lose a part of themselves at each bar once `period` values are in them.
      const kept = seen > period ? 1 / period : 0;
      range += trueRangeOf(top, bottom, lastClose) - range * kept;
      plus += (rise > fall && rise > 0 ? rise : 0) - plus * kept;
      minus += (fall > rise && fall > 0 ? fall : 0) - minus * kept;
      if (seen >= period && range > 0) {
        plusDi[i] = 100 * (plus / range);
        minusDi[i] = 100 * (minus / range);
      }
    }
    lastHigh = top;
    lastLow = bottom;
    lastClose = end;
    if (seen <= period) seen++;
  }
  state[0] = seen;
  state[1] = lastHigh;
  state[2] = lastLow;
  state[3] = lastClose;
  state[4] = range;
  state[5] = plus;
  state[6] = minus;
}

function averageIndex(
  plusDi: Float64Array,
  minusDi: Float64Array,
  period: number,
  adxOut: Float64Array,
  adxr: Float64Array,
  state: Float64Array,
): void {
  // Values of the directional index seen, and how many of `adx` there were: one less than `period` before the first.
  let seen = state[7]!;
  let average = state[8]!;
  for (let i = 0; i < plusDi.length; i++) {
    adxOut[i] = adxr[i] = NaN;
    const sum = plusDi[i]! + minusDi[i]!;
    if (Number.isNaN(sum)) continue;
    const index = sum === 0 ? 0 : 100 * (Math.abs(plusDi[i]! - minusDi[i]!) / sum);
    seen++;
    if (seen < period) average += index;
    else if (seen === period) average = (average + index) / period;
    else average = (average * (period - 1) + index) / period;
    if (seen < period) continue;
    adxOut[i] = average;
    // The place in the ring that holds the value of `period` bars before is where this one goes.
    const place = FIXED + (seen % period);
    if (seen >= 2 * period) adxr[i] = (average + state[place]!) / 2;
    state[place] = average;
  }
  state[7] = seen;
  state[8] = average;
}
