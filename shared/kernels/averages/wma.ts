import { requirePeriod, requireSameLength } from "../arguments.ts";
import { firstBlock, type RollingOptions } from "../rolling/blocks.ts";

/**
 * Linearly weighted moving average of the last `period` values: weights from `period` for the current bar down to 1
 * for the oldest, divided by their sum `period * (period + 1) / 2`. If all values are equal, the result is exactly
 * that value.
 *
 * Warm-up: null before index `period - 1`. Nulls: null where the window holds one (strict). Finite: bits depend on the
 * window and on `ordinal`, see `RollingOptions`; the cost per bar does not depend on the period. One scratch array of
 * `period`. Source: the usual definition; agrees with Stock.Indicators' GetWma.
 */
export function wma(
  values: Float64Array,
  period: number,
  out: Float64Array,
  { ordinal = 0 }: RollingOptions = {},
): void {
  requirePeriod("wma", "period", period);
  requireSameLength("wma", { out }, values.length);
  const first = firstBlock("wma", ordinal, period);
  const length = values.length;
  out.fill(NaN, 0, period - 1);
  if (length < period) return;
  const divisor = (period * (period + 1)) / 2;
  // At `p`: the weighted sum of the previous block's bars after `p`, with weights 1, 2, 3 and so on.
  const suffix = new Float64Array(period);
  for (let start = first; start < length; start += period) {
    // All windows of this block contain this bar, so distances from it keep their precision at any price level.
    const origin = values[start]!;
    let sum = 0;
    let weighted = 0;
    for (let row = start - 1; row > start - period && row >= 0; row--) {
      sum += values[row]! - origin;
      weighted += sum;
      suffix[row - start + period - 1] = weighted;
    }
    const end = Math.min(start + period, length);
    sum = weighted = 0;
    for (let row = start; row < end; row++) {
      const distance = values[row]! - origin;
      // Every earlier bar of the block loses one weight; this bar gets the full weight.
      weighted += period * distance - sum;
      sum += distance;
      if (row >= period - 1) out[row] = origin + (weighted + suffix[row - start]!) / divisor;
    }
  }
}
