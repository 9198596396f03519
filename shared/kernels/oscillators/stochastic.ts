import { requirePeriod, requireSameLength } from "../arguments.ts";
import type { RollingOptions } from "../rolling/blocks.ts";
import { rollingMax } from "../rolling/rolling-max.ts";
import { rollingMean } from "../rolling/rolling-mean.ts";
import { rollingMin } from "../rolling/rolling-min.ts";

export interface StochasticParams {
  /** Number of bars of the range, usually 14. */
  readonly period: number;
  /** Number of bars over which %K is averaged, usually 3 (slow) or 1 (fast). */
  readonly smooth: number;
  /** Number of bars over which %D averages %K, usually 3. */
  readonly signal: number;
}

/**
 * Stochastic oscillator: `100 * (close - lowest low) / (highest high - lowest low)` over `period` bars, averaged over
 * `smooth` bars (%K), and %K averaged over `signal` bars (%D).
 *
 * Warm-up: %K null before index `period + smooth - 2`, %D before `period + smooth + signal - 3`; look-back the same.
 * Edge case: null where the range is zero (Stock.Indicators gives 0 there). Nulls: null where a window holds one
 * (strict). Finite: bits depend on the window and `ordinal`. Two scratch arrays per call. Source: G. C. Lane, Lane's
 * Stochastics, Stocks & Commodities 1984; agrees with Stock.Indicators' GetStoch.
 */
export function stochastic(
  high: Float64Array,
  low: Float64Array,
  close: Float64Array,
  { period, smooth, signal }: StochasticParams,
  kOut: Float64Array,
  dOut: Float64Array,
  { ordinal }: RollingOptions = {},
): void {
  requirePeriod("stochastic", "period", period);
  requirePeriod("stochastic", "smooth", smooth);
  requirePeriod("stochastic", "signal", signal);
  requireSameLength("stochastic", { low, close, kOut, dOut }, high.length);
  const highest = new Float64Array(high.length);
  const lowest = new Float64Array(high.length);
  rollingMax(high, period, highest);
  rollingMin(low, period, lowest);
  for (let i = 0; i < high.length; i++) {
    const range = highest[i]! - lowest[i]!;
    highest[i] = range > 0 ? 100 * ((close[i]! - lowest[i]!) / range) : NaN;
  }
  rollingMean(highest, smooth, kOut, { ordinal });
  rollingMean(kOut, signal, dOut, { ordinal });
}
