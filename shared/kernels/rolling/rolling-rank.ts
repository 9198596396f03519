import { requirePeriod, requireSameLength } from "../arguments.ts";
import { slideSorted } from "./ordered-window.ts";

/**
 * Percentile rank of the current value among the last `period`, itself included: `(below + (equal + 1) / 2) / period`,
 * in (0, 1]; equal values share the mean of their ranks, so a window of equal values gives `(period + 1) / 2 / period`.
 *
 * Warm-up: null before index `period - 1`. Nulls: null where the window holds one (strict, as pandas by default).
 * Finite: depends on the window alone. The window is kept in order: a binary search and a short move per bar; one
 * scratch array of `period`.
 * Source: the definition of pandas' `rolling.rank(pct=True)`.
 */
export function rollingRank(values: Float64Array, period: number, out: Float64Array): void {
  requirePeriod("rollingRank", "period", period);
  requireSameLength("rollingRank", "out", out, values.length);
  const sorted = new Float64Array(Math.min(period, values.length + 1));
  let size = 0;
  for (let i = 0; i < values.length; i++) {
    const entering = values[i]!;
    const leaving = i < period ? NaN : values[i - period]!;
    const at = slideSorted(sorted, size, leaving, entering);
    if (entering === entering) size++;
    if (leaving === leaving) size--;
    if (size < period) {
      out[i] = NaN;
      continue;
    }
    let first = at;
    let last = at;
    while (first > 0 && sorted[first - 1] === entering) first--;
    while (last < period - 1 && sorted[last + 1] === entering) last++;
    out[i] = ((first + last) / 2 + 1) / period;
  }
}
