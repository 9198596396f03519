import { requirePeriod, requireSameLength } from "../arguments.ts";

/**
 * Relative change over `lag` bars: `value[t] / value[t - lag] - 1`.
 *
 * Warm-up: null before index `lag`. Nulls: null where either bar is null, and where the earlier value is zero; null
 * bars count as bars, so each causes two nulls. Finite: depends on the last `lag` bars. Source: the usual definition;
 * pandas' `pct_change(lag)` without its fill.
 */
export function simpleReturn(values: Float64Array, lag: number, out: Float64Array): void {
  requirePeriod("simpleReturn", "lag", lag);
  requireSameLength("simpleReturn", { out }, values.length);
  out.fill(NaN, 0, lag);
  for (let i = lag; i < values.length; i++) {
    const earlier = values[i - lag]!;
    out[i] = earlier === 0 ? NaN : values[i]! / earlier - 1;
  }
}
