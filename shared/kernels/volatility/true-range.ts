import { requireSameLength } from "../arguments.ts";

/**
 * True range: `max(high[t], close[t-1]) - min(low[t], close[t-1])`, the bar's range including the gap from the
 * previous close.
 *
 * Warm-up: null at index 0, which has no close before it (some libraries give `high - low` there). Nulls: strict; NaN
 * or infinity in the high, the low or the previous close gives NaN. Earlier closes are not used instead, so the bar
 * after a null close is null too; `averageTrueRange` skips such bars instead. Finite: look-back 1. Source: J. W.
 * Wilder, New Concepts in Technical Trading Systems, 1978; agrees with Stock.Indicators' GetTr.
 */
export function trueRange(
  high: Float64Array,
  low: Float64Array,
  close: Float64Array,
  out: Float64Array,
): void {
  const length = high.length;
  requireSameLength("trueRange", { low, close, out }, length);
  let last = NaN;
  for (let i = 0; i < length; i++) {
    const sum = high[i]! + low[i]! + last;
    out[i] = sum - sum === 0 ? trueRangeOf(high[i]!, low[i]!, last) : NaN;
    last = close[i]!;
  }
}

/**
 * True range of one bar, never negative. All three are finite.
 *
 * Computed without a branch, because the position of a close cannot be predicted. This takes a third of the time of
 * `Math.max` and `Math.min` and gives the same bits, because prices within a factor of two of each other have exact
 * differences.
 */
export function trueRangeOf(high: number, low: number, closeBefore: number): number {
  const above = high - closeBefore;
  const below = closeBefore - low;
  return (above + Math.abs(above) + (below + Math.abs(below))) * 0.5;
}
