import { requirePeriod, requireSameLength } from "../arguments.ts";
import { rollingOrder } from "./rolling-order.ts";

/**
 * Percentile rank of the current value among the last `period`, itself included: `(below + (equal + 1) / 2) / period`,
 * in (0, 1]; equal values share the mean of their ranks, so a window of equal values gives `(period + 1) / 2 / period`.
 *
 * Warm-up: null before index `period - 1`. Nulls: null where the window holds one (strict, as pandas by default).
 * Finite: depends on the window alone. The window is kept in order, see `rollingOrder`.
 * Source: the definition of pandas' `rolling.rank(pct=True)`.
 */
export function rollingRank(values: Float64Array, period: number, out: Float64Array): void {
  requirePeriod("rollingRank", "period", period);
  requireSameLength("rollingRank", { out }, values.length);
  rollingOrder(values, period, { rank: out });
}
