import { requirePeriod, requireSameLength } from "../arguments.ts";
import { rollingExtreme } from "./extremes.ts";

/**
 * Largest of the last `period` values.
 *
 * Warm-up: null before index `period - 1`. Nulls: null where the window holds one (strict, as pandas by default).
 * Finite: depends on the window alone. Three comparisons per bar, whatever the period; one scratch array of `period +
 * 1`. Source: the usual definition; pandas' `rolling(period).max()`.
 */
export function rollingMax(values: Float64Array, period: number, out: Float64Array): void {
  requirePeriod("rollingMax", "period", period);
  requireSameLength("rollingMax", { out }, values.length);
  rollingExtreme(values, period, out, 1);
}
