import { requirePeriod, requireSameLength } from "../arguments.ts";
import { firstBlock, type RollingVarianceOptions } from "./blocks.ts";
import { rollingVariance } from "./rolling-variance.ts";

/**
 * Standard deviation of the last `period` values: the square root of `rollingVariance`, with the same properties (for
 * the population by default, exactly 0 if all values are equal, null where the window contains a null). Source: the
 * usual definition; pandas' `rolling(period).std(ddof=...)`, whose default is 1.
 */
export function rollingStd(
  values: Float64Array,
  period: number,
  out: Float64Array,
  { ordinal = 0, ddof = 0 }: RollingVarianceOptions = {},
): void {
  requirePeriod("rollingStd", "period", period);
  requireSameLength("rollingStd", { out }, values.length);
  firstBlock("rollingStd", ordinal, period);
  rollingVariance(values, period, out, { ordinal, ddof });
  for (let i = 0; i < out.length; i++) out[i] = Math.sqrt(out[i]!);
}
