import { requirePeriod, requireSameLength } from "../arguments.ts";
import { log } from "../math/log.ts";
import type { RollingOptions } from "../rolling/blocks.ts";
import { rollingMax } from "../rolling/rolling-max.ts";
import { rollingMin } from "../rolling/rolling-min.ts";
import { rollingSum } from "../rolling/rolling-sum.ts";

/**
 * Choppiness index: `100 * ln(sum of the true range / (highest true high - lowest true low)) / ln(period)` over
 * `period` bars, where the true high is the higher of the high and the previous close, and the true low is the lower
 * of the low and the previous close. The result is 0 for a straight line and 100 for a price that goes nowhere.
 *
 * Warm-up: null before index `period`, because the first bar has no close before it; look-back the same. Edge case:
 * null where the window has no range. Nulls: null where the window or the close before it contains one (strict).
 * Finite: bits depend on the window and `ordinal`. Three scratch arrays per call. `period` is at least 2. Source: E.
 * W. Dreiss, 1993, as charting programs compute it; agrees with Stock.Indicators' GetChop.
 */
export function choppinessIndex(
  high: Float64Array,
  low: Float64Array,
  close: Float64Array,
  period: number,
  out: Float64Array,
  { ordinal }: RollingOptions = {},
): void {
  const length = high.length;
  requirePeriod("choppinessIndex", "period", period, 2);
  requireSameLength("choppinessIndex", { low, close, out }, length);
  const trueHigh = new Float64Array(length).fill(NaN);
  const trueLow = new Float64Array(length).fill(NaN);
  const range = new Float64Array(length).fill(NaN);
  for (let i = 1; i < length; i++) {
    trueHigh[i] = Math.max(high[i]!, close[i - 1]!);
    trueLow[i] = Math.min(low[i]!, close[i - 1]!);
    range[i] = trueHigh[i]! - trueLow[i]!;
  }
  rollingSum(range, period, out, { ordinal });
  rollingMax(trueHigh, period, range);
  rollingMin(trueLow, period, trueHigh);
  const scale = 100 / log(period);
  for (let i = 0; i < length; i++) {
    const span = range[i]! - trueHigh[i]!;
    out[i] = span > 0 ? scale * log(out[i]! / span) : NaN;
  }
}
