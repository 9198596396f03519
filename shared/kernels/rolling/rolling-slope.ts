import { requirePeriod, requireSameLength } from "../arguments.ts";
import { firstBlock, type RollingOptions } from "./blocks.ts";
import { rollingLinearFit } from "./rolling-linear-fit.ts";

/**
 * Slope per bar of the least-squares line through the last `period` values, see `rollingLinearFit`. Exactly 0 if all
 * values are equal, null for a window of one bar and where the window contains a null. Warm-up: null before index
 * `period - 1`. Source: see `rollingLinearFit`.
 */
export function rollingSlope(
  values: Float64Array,
  period: number,
  out: Float64Array,
  { ordinal = 0 }: RollingOptions = {},
): void {
  requirePeriod("rollingSlope", "period", period);
  requireSameLength("rollingSlope", { out }, values.length);
  firstBlock("rollingSlope", ordinal, period);
  rollingLinearFit(values, period, out, undefined, undefined, { ordinal });
}
