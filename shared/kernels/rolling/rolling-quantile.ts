import { requirePeriod, requireSameLength } from "../arguments.ts";
import { rollingOrder } from "./rolling-order.ts";

/**
 * Quantile `q` (0 to 1) of the last `period` values, interpolated linearly between the two nearest: the value at
 * position `q * (period - 1)` of the sorted window.
 *
 * Warm-up: null before index `period - 1`. Nulls: null where the window holds one (strict, as pandas by default).
 * Finite: depends on the window alone. The window is kept sorted, see `rollingOrder`. Source: R. Hyndman and Y. Fan
 * 1996, definition 7; the default of pandas and NumPy.
 */
export function rollingQuantile(values: Float64Array, period: number, q: number, out: Float64Array): void {
  requirePeriod("rollingQuantile", "period", period);
  requireSameLength("rollingQuantile", { out }, values.length);
  if (!(q >= 0 && q <= 1)) {
    throw new RangeError(`Cannot compute rollingQuantile: q is ${q}, expected a share between 0 and 1.`);
  }
  rollingOrder(values, period, { low: { q, out } });
}
