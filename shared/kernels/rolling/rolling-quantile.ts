import { requirePeriod, requireSameLength } from "../arguments.ts";
import { slideSorted } from "./ordered-window.ts";

/**
 * Quantile `q` (0 to 1) of the last `period` values, interpolated linearly between the two nearest:
 * the value at place `q * (period - 1)` of the window in ascending order.
 *
 * Warm-up: null before index `period - 1`. Nulls: null where the window holds one (strict, as pandas by default).
 * Finite: depends on the window alone. The window is kept in order: a binary search and a short move per bar; one
 * scratch array of `period`.
 * Source: R. Hyndman and Y. Fan 1996, definition 7; the default of pandas and NumPy.
 */
export function rollingQuantile(values: Float64Array, period: number, q: number, out: Float64Array): void {
  requirePeriod("rollingQuantile", "period", period);
  requireSameLength("rollingQuantile", "out", out, values.length);
  if (!(q >= 0 && q <= 1)) {
    throw new RangeError(`Cannot compute rollingQuantile: q is ${q}, expected a share between 0 and 1.`);
  }
  const sorted = new Float64Array(Math.min(period, values.length + 1));
  const place = q * (period - 1);
  const below = Math.floor(place);
  const above = Math.min(below + 1, period - 1);
  const share = place - below;
  let size = 0;
  for (let i = 0; i < values.length; i++) {
    // Zero added makes one zero of the two.
    const entering = values[i]! + 0;
    const leaving = i < period ? NaN : values[i - period]! + 0;
    slideSorted(sorted, size, leaving, entering);
    if (entering === entering) size++;
    if (leaving === leaving) size--;
    if (size < period) {
      out[i] = NaN;
      continue;
    }
    const low = sorted[below]!;
    out[i] = low + (sorted[above]! - low) * share;
  }
}
