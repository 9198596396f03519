import { requirePeriod, requireSameLength } from "../arguments.ts";
import type { RollingOptions } from "../rolling/blocks.ts";
import { typicalPrice } from "./typical-price.ts";
import { volumeWeightedMean } from "./volume-weighted-mean.ts";

/**
 * Volume-weighted average of the typical price over the last `period` bars, regardless of sessions (unlike
 * `sessionVwap`).
 *
 * Warm-up, nulls and bits as in `volumeWeightedMean`. Three scratch arrays per call. Source: the usual definition;
 * Stock.Indicators' GetVwma of the typical price.
 */
export function movingVwap(
  high: Float64Array,
  low: Float64Array,
  close: Float64Array,
  volume: Float64Array,
  period: number,
  out: Float64Array,
  options: RollingOptions = {},
): void {
  requirePeriod("movingVwap", "period", period);
  requireSameLength("movingVwap", { low, close, volume, out }, high.length);
  const typical = new Float64Array(high.length);
  typicalPrice(high, low, close, typical);
  volumeWeightedMean(typical, volume, period, out, options);
}
