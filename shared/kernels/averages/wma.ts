import { requirePeriod, requireSameLength } from "../arguments.ts";
import { firstBlock, type RollingOptions } from "../rolling/blocks.ts";

/**
 * Linearly weighted moving average of the last `period` values: weights `period` for the bar itself down to 1 for
 * the oldest, divided by their sum `period * (period + 1) / 2`. Where all values are equal it is that value exactly.
 *
 * Warm-up: null before index `period - 1`. Nulls: null where the window holds one (strict).
 * Finite: bits depend on the window and on `ordinal`, see `RollingOptions`; the same few additions a bar for any
 * period. One scratch array of `period`.
 * Source: the usual definition; agrees with Stock.Indicators' GetWma.
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
  // At `p`: of the block before, its bars after `p`, weighted 1, 2, 3 and so on.
  const suffix = new Float64Array(period);
  for (let start = first; start < length; start += period) {
    // A bar that all windows of this block contain: distances from it keep the precision, whatever the level.
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
      // One weight less for each bar of the block so far, the full weight for this one.
      weighted += period * distance - sum;
      sum += distance;
      if (row >= period - 1) out[row] = origin + (weighted + suffix[row - start]!) / divisor;
    }
  }
}
