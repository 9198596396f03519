import { requirePeriod, requireSameLength } from "../arguments.ts";
import { rollingMax } from "../rolling/rolling-max.ts";
import { rollingMin } from "../rolling/rolling-min.ts";

/**
 * Williams %R: `-100 * (highest high - close) / (highest high - lowest low)` over `period` bars, from -100 to 0.
 *
 * Warm-up: null before index `period - 1`; look-back the same. Edge case: null where the range is zero.
 * Nulls: null where the window holds one (strict).
 * Finite: bits depend on the window alone. One scratch array per call.
 * Source: L. Williams, How I Made One Million Dollars, 1973; agrees with Stock.Indicators' GetWilliamsR.
 */
export function williamsR(
  high: Float64Array,
  low: Float64Array,
  close: Float64Array,
  period: number,
  out: Float64Array,
): void {
  requirePeriod("williamsR", "period", period);
  requireSameLength("williamsR", { low, close, out }, high.length);
  const lowest = new Float64Array(high.length);
  rollingMax(high, period, out);
  rollingMin(low, period, lowest);
  for (let i = 0; i < high.length; i++) {
    const range = out[i]! - lowest[i]!;
    out[i] = range > 0 ? -100 * ((out[i]! - close[i]!) / range) : NaN;
  }
}
