import { requirePeriod, requireSameLength } from "../arguments.ts";

/**
 * Rate of change in percent: `100 * (value[t] / value[t - period] - 1)`. For the plain difference see `change`.
 *
 * Warm-up: null before index `period`; look-back the same. Nulls: null where either bar is null, and where the earlier
 * value is zero. Finite. Source: the usual definition; agrees with Stock.Indicators' GetRoc.
 */
export function rateOfChange(values: Float64Array, period: number, out: Float64Array): void {
  requirePeriod("rateOfChange", "period", period);
  requireSameLength("rateOfChange", { out }, values.length);
  out.fill(NaN, 0, period);
  for (let i = period; i < values.length; i++) {
    const earlier = values[i - period]!;
    out[i] = earlier === 0 ? NaN : 100 * ((values[i]! - earlier) / earlier);
  }
}
