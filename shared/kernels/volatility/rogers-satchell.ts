import { requirePeriod } from "../arguments.ts";
import { rollingMean } from "../rolling/rolling-mean.ts";
import { type BarPrices, requireBars } from "./bar-prices.ts";
import { logRatio } from "./log-ratio.ts";
import { toVolatility, type VolatilityOptions } from "./volatility-options.ts";

/**
 * Rogers and Satchell's volatility, which a drift does not disturb:
 * `sqrt(mean(ln(high/close) * ln(high/open) + ln(low/close) * ln(low/open)) * barsPerYear)` over the last `period` bars.
 *
 * Warm-up: null before index `period - 1`. Nulls: null where the window holds a price that is null, infinite or not
 * positive, and where the mean is negative, as only bars with open or close outside of their range can make it.
 * Finite: look-back `period - 1`; bits depend on the window and on `ordinal`.
 * Source: L. Rogers and S. Satchell, Estimating Variance from High, Low and Closing Prices, 1991.
 */
export function rogersSatchellVolatility(
  bars: BarPrices,
  period: number,
  out: Float64Array,
  { ordinal, barsPerYear = 1 }: VolatilityOptions = {},
): void {
  requirePeriod("rogersSatchellVolatility", "period", period);
  requireBars("rogersSatchellVolatility", bars, out);
  const terms = new Float64Array(out.length);
  rogersSatchellTerms(bars, terms);
  rollingMean(terms, period, out, { ordinal });
  toVolatility("rogersSatchellVolatility", out, barsPerYear);
}

/**
 * The variance that each bar contributes. Each ratio is taken by itself: a high that is the close or the open then
 * counts exactly 0, and no bar within its range can count less.
 */
export function rogersSatchellTerms({ open, high, low, close }: BarPrices, terms: Float64Array): void {
  for (let i = 0; i < terms.length; i++) {
    const h = high[i]!;
    const l = low[i]!;
    const c = close[i]!;
    const o = open[i]!;
    terms[i] = logRatio(h, c) * logRatio(h, o) + logRatio(l, c) * logRatio(l, o);
  }
}
