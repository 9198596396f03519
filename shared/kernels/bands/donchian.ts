import { requirePeriod, requireSameLength } from "../arguments.ts";
import { rollingMax } from "../rolling/rolling-max.ts";
import { rollingMin } from "../rolling/rolling-min.ts";

export interface DonchianOptions {
  /**
   * Number of bars between the window's last bar and the current one. Default 0: the window ends with the current bar.
   */
  readonly lag?: number | undefined;
}

/**
 * Donchian channels: `upper` the highest high and `lower` the lowest low of `period` bars, `middle` is halfway
 * between.
 *
 * The window ends with the current bar, as most charts draw it, so no high is ever above `upper`. With `lag: 1` it
 * ends with the previous bar, so a high can break through the channel; this is what Stock.Indicators' GetDonchian
 * computes. Warm-up: null before index `period - 1 + lag`. Nulls: null where the window's highs (`upper`) or lows
 * (`lower`) hold one, `middle` where either does (strict). Finite: look-back `period - 1 + lag`. Source: R. Donchian,
 * 1960s; with `lag: 1` agrees with Stock.Indicators' GetDonchian.
 */
export function donchian(
  high: Float64Array,
  low: Float64Array,
  period: number,
  middle: Float64Array,
  upper: Float64Array,
  lower: Float64Array,
  { lag = 0 }: DonchianOptions = {},
): void {
  const length = high.length;
  requirePeriod("donchian", "period", period);
  requirePeriod("donchian", "lag", lag, 0);
  requireSameLength("donchian", { low, middle, upper, lower }, length);
  rollingMax(high, period, upper);
  rollingMin(low, period, lower);
  delay(upper, lag);
  delay(lower, lag);
  for (let i = 0; i < length; i++) middle[i] = (upper[i]! + lower[i]!) / 2;
}

function delay(series: Float64Array, bars: number): void {
  series.copyWithin(bars, 0);
  series.fill(NaN, 0, bars);
}
