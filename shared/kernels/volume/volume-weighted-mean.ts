import { requirePeriod, requireSameLength } from "../arguments.ts";
import type { RollingOptions } from "../rolling/blocks.ts";
import { rollingSum } from "../rolling/rolling-sum.ts";

/**
 * Mean of the last `period` values weighted by volume: `sum(value * volume) / sum(volume)`. Applied to the close, this
 * is the volume-weighted moving average (VWMA); for the typical price see `movingVwap`.
 *
 * Warm-up: null before index `period - 1`. Nulls: null where the window holds one, and where nothing was traded in it.
 * Finite: bits depend on the window and on `ordinal`, see `RollingOptions`. Two scratch arrays per call. Source: the
 * usual definition; agrees with Stock.Indicators' GetVwma.
 */
export function volumeWeightedMean(
  values: Float64Array,
  volume: Float64Array,
  period: number,
  out: Float64Array,
  { ordinal }: RollingOptions = {},
): void {
  requirePeriod("volumeWeightedMean", "period", period);
  requireSameLength("volumeWeightedMean", { volume, out }, values.length);
  const money = new Float64Array(values.length);
  const shares = new Float64Array(values.length);
  for (let i = 0; i < values.length; i++) {
    const product = values[i]! * volume[i]!;
    money[i] = product - product === 0 ? product : NaN;
  }
  rollingSum(volume, period, shares, { ordinal });
  rollingSum(money, period, out, { ordinal });
  for (let i = 0; i < out.length; i++) out[i] = shares[i] === 0 ? NaN : out[i]! / shares[i]!;
}
