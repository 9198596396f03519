import { requireMultiplier, requirePeriod, requireSameLength, stateOrFresh } from "../arguments.ts";
import type { StateOptions } from "../state-options.ts";
import { averageTrueRange, averageTrueRangeStateLength } from "../volatility/average-true-range.ts";

export interface SupertrendParams {
  /** Number of bars of the average true range, usually 10. */
  readonly period: number;
  /** Distance of each band from the middle of the bar, in average true ranges; usually 3. */
  readonly multiplier: number;
}

/** Direction (0 before the first value), last close, upper and lower band. */
const OWN = 4;

/**
 * Length of the state of `supertrend`, in doubles: direction, last close, the bands, and the state of the average true
 * range.
 */
export const supertrendStateLength = OWN + averageTrueRangeStateLength;

/**
 * SuperTrend: bands at `(high + low) / 2 ± multiplier * atr`, where the upper band only falls and the lower only
 * rises, unless the previous close was beyond it. The output is the lower band while the trend rises and the upper
 * band while it falls. A rising trend ends with a close at or below the lower band, a falling one with a close above
 * the upper. `directionOut` is 1 in a rising and -1 in a falling trend, as of the bar's end.
 *
 * Seed: `atr` is Wilder's, from the mean of the first `period` true ranges, the first of which belongs to the second
 * bar. The trend begins as rising if the first bar with an `atr` closes at or above its middle. Warm-up: null before
 * index `period`; the seed of the range changes values by less than 1e-9 after about `20.7 * period` bars, and the
 * seed of the bands has no effect after the next turn. Nulls: a bar whose high, low or close is NaN or infinite gives
 * NaN and is otherwise skipped. Recursive: resumes bit for bit from `state` (`supertrendStateLength`). One scratch
 * array per call. Source: O. Seban's indicator as charting programs compute it; agrees with Stock.Indicators'
 * GetSuperTrend.
 */
export function supertrend(
  high: Float64Array,
  low: Float64Array,
  close: Float64Array,
  { period, multiplier }: SupertrendParams,
  out: Float64Array,
  directionOut: Float64Array,
  { state }: StateOptions = {},
): void {
  requirePeriod("supertrend", "period", period);
  requireMultiplier("supertrend", multiplier);
  requireSameLength("supertrend", { low, close, out, directionOut }, high.length);
  const saved = stateOrFresh("supertrend", state, supertrendStateLength);
  const range = new Float64Array(high.length);
  averageTrueRange(high, low, close, period, range, { state: saved.subarray(OWN) });
  let direction = saved[0]!;
  let last = saved[1]!;
  let upper = saved[2]!;
  let lower = saved[3]!;
  for (let i = 0; i < high.length; i++) {
    const width = multiplier * range[i]!;
    out[i] = directionOut[i] = NaN;
    if (Number.isNaN(width)) continue;
    const end = close[i]!;
    const middle = (high[i]! + low[i]!) / 2;
    const isFirst = direction === 0;
    if (isFirst) direction = end >= middle ? 1 : -1;
    if (isFirst || middle + width < upper || last > upper) upper = middle + width;
    if (isFirst || middle - width > lower || last < lower) lower = middle - width;
    direction = end <= (direction > 0 ? lower : upper) ? -1 : 1;
    out[i] = direction > 0 ? lower : upper;
    directionOut[i] = direction;
    last = end;
  }
  saved[0] = direction;
  saved[1] = last;
  saved[2] = upper;
  saved[3] = lower;
}
