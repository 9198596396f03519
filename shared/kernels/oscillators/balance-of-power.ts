import { requirePeriod, requireSameLength } from "../arguments.ts";
import type { RollingOptions } from "../rolling/blocks.ts";
import { rollingMean } from "../rolling/rolling-mean.ts";
import type { BarPrices } from "../bar-prices.ts";

/**
 * Balance of power: mean over `period` bars of `(close - open) / (high - low)`.
 *
 * Warm-up: null before index `period - 1`; look-back the same. Edge case: a bar without a range counts as 0, as in
 * TA-Lib (Stock.Indicators has no value there). Nulls: null where a bar of the window contains one (strict). Finite:
 * bits depend on the window and `ordinal`. One scratch array per call. Source: I. Livshin, Balance of Market Power,
 * Stocks & Commodities 2001; agrees with Stock.Indicators' GetBop.
 */
export function balanceOfPower(
  { open, high, low, close }: BarPrices,
  period: number,
  out: Float64Array,
  { ordinal }: RollingOptions = {},
): void {
  requirePeriod("balanceOfPower", "period", period);
  requireSameLength("balanceOfPower", { high, low, close, out }, open.length);
  const power = new Float64Array(open.length);
  for (let i = 0; i < open.length; i++) {
    const range = high[i]! - low[i]!;
    const body = close[i]! - open[i]!;
    // `body - body` rather than 0, so that a null open or close stays null.
    power[i] = range === 0 ? body - body : body / range;
  }
  rollingMean(power, period, out, { ordinal });
}
