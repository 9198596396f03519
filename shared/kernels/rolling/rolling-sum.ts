import { requirePeriod, requireSameLength } from "../arguments.ts";
import { firstBlock, type RollingOptions } from "./blocks.ts";

/**
 * Sum of the last `period` values.
 *
 * Warm-up: null before index `period - 1`. Nulls: null where the window holds one (strict, as pandas by default).
 * Finite: bits depend on the window and on `ordinal`, see `RollingOptions`. Two additions per bar; one scratch array
 * of `period + 1`. Source: the usual definition; pandas' `rolling(period).sum()`.
 */
export function rollingSum(
  values: Float64Array,
  period: number,
  out: Float64Array,
  { ordinal = 0 }: RollingOptions = {},
): void {
  requirePeriod("rollingSum", "period", period);
  requireSameLength("rollingSum", { out }, values.length);
  const first = firstBlock("rollingSum", ordinal, period);
  const length = values.length;
  out.fill(NaN, 0, period - 1);
  if (length < period) return;
  // At `p`: the sum of the previous block from its bar `p` to its end.
  const suffix = new Float64Array(period + 1);
  for (let start = first; start < length; start += period) {
    const before = start - period;
    let sum = 0;
    for (let row = start - 1; row >= before && row >= 0; row--) suffix[row - before] = sum += values[row]!;
    const end = Math.min(start + period, length);
    const complete = Math.max(start, period - 1);
    let row = start;
    for (sum = 0; row < complete; row++) sum += values[row]!;
    for (; row < end; row++) {
      sum += values[row]!;
      out[row] = sum + suffix[row - before - period + 1]!;
    }
  }
}
