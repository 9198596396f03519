import { requirePeriod, requireSameLength } from "../arguments.ts";
import { rollingExtreme } from "./extremes.ts";

/**
 * Smallest of the last `period` values.
 *
 * Warm-up: null before index `period - 1`. Nulls: null where the window holds one (strict, as pandas by default).
 * Finite: depends on the window alone. Three comparisons per bar, whatever the period; one scratch array of `period +
 * 1`. Source: the usual definition; pandas' `rolling(period).min()`.
 */
export function rollingMin(values: Float64Array, period: number, out: Float64Array): void {
  requirePeriod("rollingMin", "period", period);
  requireSameLength("rollingMin", { out }, values.length);
  rollingExtreme(values, period, out, -1);
}
