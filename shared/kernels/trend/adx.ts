import { requirePeriod, requireSameLength, stateOrFresh } from "../arguments.ts";
import type { StateOptions } from "../state-options.ts";
import { trueRangeOf } from "../volatility/true-range.ts";

/** The outputs of `adx`, all as long as the inputs. */
export interface AdxOutputs {
  readonly plusDi: Float64Array;
  readonly minusDi: Float64Array;
  readonly adx: Float64Array;
  /** The mean of the current `adx` and the one `period` bars earlier (TA-Lib: `period - 1`). */
  readonly adxr: Float64Array;
}

const FIXED = 9;

/**
 * Length of the state of `adx`, in doubles: bars seen, last high, low and close, smoothed range and movements, number
 * of values of `adx` so far, `adx`, and its last `period` values.
 */
export const adxStateLength = (period: number): number => FIXED + period;

/**
 * Average directional index. `up` is the rise of the high if it is positive and exceeds the fall of the low; `down` is
 * the mirror image. `+DI = 100 * s(up) / s(true range)`, `-DI` is the same for `down`, and `adx` is Wilder's average
 * of `100 * |+DI - -DI| / (+DI + -DI)`, where `s` is Wilder's sum `s[t] = s[t-1] - s[t-1] / period + value`.
 *
 * Seed: the sums begin with the sum of the first `period` values, from the second bar on; `adx` begins with the mean
 * of its first `period` values. Warm-up: DI null before index `period`, `adx` before `2 * period - 1`, `adxr` before
 * `3 * period - 1`; the seeds change values by less than 1e-9 after about `26 * period` bars (14: 360). Edge cases:
 * without movement in either direction both DI are 0, which counts as 0 in `adx`; without any range the DI are null
 * and `adx` skips the bar. Nulls: a bar whose high, low or close is NaN or infinite gives NaN and is otherwise
 * skipped. Recursive: resumes bit for bit from `state` (`adxStateLength(period)`). Source: J. W. Wilder, New Concepts
 * in Technical Trading Systems, 1978; agrees with Stock.Indicators' GetAdx.
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
      // The sums accumulate at first and lose a fraction of themselves at each bar once they hold `period` values.
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
  // The number of directional index values seen, and of `adx` values: one less than `period` before the first.
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
    // The slot in the ring with the value of `period` bars earlier is the one that this value overwrites.
    const place = FIXED + (seen % period);
    if (seen >= 2 * period) adxr[i] = (average + state[place]!) / 2;
    state[place] = average;
  }
  state[7] = seen;
  state[8] = average;
}
