import { requirePeriod, requireSameLength } from "../arguments.ts";
import type { RollingOptions } from "../rolling/blocks.ts";
import { rollingMean } from "../rolling/rolling-mean.ts";

/**
 * Detrended price oscillator without displacement: the value `floor(period / 2) + 1` bars earlier, minus the mean of
 * the last `period` values.
 *
 * A chart displaces it by the same number of bars, to the bar whose price it uses, where the result was not yet known.
 * Warm-up: null before index `max(period - 1, floor(period / 2) + 1)`; look-back the same. Nulls: null where the
 * earlier bar is null or the window contains a null (strict). Finite: bits depend on the window, the earlier bar and
 * `ordinal`. Source: the usual definition; agrees with Stock.Indicators' GetDpo, which is displaced.
 */
export function detrendedPriceOscillator(
  values: Float64Array,
  period: number,
  out: Float64Array,
  { ordinal }: RollingOptions = {},
): void {
  requirePeriod("detrendedPriceOscillator", "period", period);
  requireSameLength("detrendedPriceOscillator", { out }, values.length);
  rollingMean(values, period, out, { ordinal });
  const back = Math.floor(period / 2) + 1;
  out.fill(NaN, 0, back);
  for (let i = back; i < values.length; i++) out[i] = values[i - back]! - out[i]!;
}
