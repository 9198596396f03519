import { requirePeriod, requireSameLength } from "../arguments.ts";
import { firstBlock, type RollingOptions } from "../rolling/blocks.ts";
import { rollingMean } from "../rolling/rolling-mean.ts";
import { wma } from "./wma.ts";

/**
 * Endpoint moving average, also called LSMA: the value at the bar itself of the straight line fitted to the last
 * `period` values by least squares; with a period of 1, the value itself. It is computed as `3 * wma - 2 * mean`,
 * which is equal.
 *
 * Warm-up: null before index `period - 1`. Nulls: null where the window holds one (strict). Finite: bits depend on the
 * window and on `ordinal`, see `RollingOptions`. One scratch array of the series' length. Source: the usual
 * definition; agrees with Stock.Indicators' GetEpma.
 */
export function epma(
  values: Float64Array,
  period: number,
  out: Float64Array,
  { ordinal = 0 }: RollingOptions = {},
): void {
  requirePeriod("epma", "period", period);
  requireSameLength("epma", { out }, values.length);
  // Called only so that its error message names this kernel.
  firstBlock("epma", ordinal, period);
  const mean = new Float64Array(values.length);
  rollingMean(values, period, mean, { ordinal });
  wma(values, period, out, { ordinal });
  for (let i = 0; i < out.length; i++) out[i] = mean[i]! + 3 * (out[i]! - mean[i]!);
}
