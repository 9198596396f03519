import { requirePeriod, requireSameLength } from "../arguments.ts";
import type { RollingOptions } from "../rolling/blocks.ts";
import { rollingMean } from "../rolling/rolling-mean.ts";
import { rollingMeanAbsoluteDeviation } from "../rolling/rolling-mean-absolute-deviation.ts";

/**
 * Commodity channel index: `(typical - mean) / (0.015 * mean absolute deviation)` over `period` bars of the typical
 * price `(high + low + close) / 3`.
 *
 * Warm-up: null before index `period - 1`; look-back the same. Edge case: null where all typical prices of the window
 * are equal.
 * Nulls: null where the window holds one (strict).
 * Finite: bits depend on the window and `ordinal`. Two scratch arrays per call.
 * Source: D. R. Lambert, Commodity Channel Index, Commodities 1980; agrees with Stock.Indicators' GetCci.
 */
export function commodityChannelIndex(
  high: Float64Array,
  low: Float64Array,
  close: Float64Array,
  period: number,
  out: Float64Array,
  { ordinal }: RollingOptions = {},
): void {
  requirePeriod("commodityChannelIndex", "period", period);
  requireSameLength("commodityChannelIndex", { low, close, out }, high.length);
  const typical = new Float64Array(high.length);
  const mean = new Float64Array(high.length);
  for (let i = 0; i < high.length; i++) typical[i] = (high[i]! + low[i]! + close[i]!) / 3;
  rollingMean(typical, period, mean, { ordinal });
  rollingMeanAbsoluteDeviation(typical, period, out);
  for (let i = 0; i < high.length; i++) {
    out[i] = out[i]! > 0 ? (typical[i]! - mean[i]!) / (0.015 * out[i]!) : NaN;
  }
}
