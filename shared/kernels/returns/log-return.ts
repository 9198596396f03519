import { requirePeriod, requireSameLength } from "../arguments.ts";
import { log } from "../math/log.ts";

/**
 * Logarithmic return over `lag` bars: `ln(value[t] / value[t - lag])`.
 *
 * Warm-up: null before index `lag`. Nulls: null where either bar is null or not positive; null bars count as bars, so
 * each causes two nulls. Finite: depends on the last `lag` bars. Source: the usual definition; Campbell, Lo and
 * MacKinlay, The Econometrics of Financial Markets, 1997, 1.4.
 */
export function logReturn(values: Float64Array, lag: number, out: Float64Array): void {
  requirePeriod("logReturn", "lag", lag);
  requireSameLength("logReturn", { out }, values.length);
  out.fill(NaN, 0, lag);
  for (let i = lag; i < values.length; i++) {
    const value = values[i]!;
    const earlier = values[i - lag]!;
    out[i] = value > 0 && earlier > 0 ? log(value / earlier) : NaN;
  }
}
