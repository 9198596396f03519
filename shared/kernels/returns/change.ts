import { requirePeriod, requireSameLength } from "../arguments.ts";

/**
 * Difference from the bar `lag` bars earlier: `change[t] = value[t] - value[t - lag]`.
 *
 * Warm-up: null before index `lag`. Nulls: null where either bar is null; null bars count as bars, so each causes two
 * nulls. Finite: depends on the last `lag` bars. Source: the usual definition; pandas' `diff(lag)`.
 */
export function change(values: Float64Array, lag: number, out: Float64Array): void {
  requirePeriod("change", "lag", lag);
  requireSameLength("change", { out }, values.length);
  out.fill(NaN, 0, lag);
  for (let i = lag; i < values.length; i++) out[i] = values[i]! - values[i - lag]!;
}
