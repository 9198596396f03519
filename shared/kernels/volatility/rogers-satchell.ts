import { requirePeriod } from "../arguments.ts";
import { rollingMean } from "../rolling/rolling-mean.ts";
import { type BarPrices, requireBars } from "../bar-prices.ts";
import { logRatio } from "./log-ratio.ts";
import { toVolatility, type VolatilityOptions } from "./volatility-options.ts";

/**
 * Rogers and Satchell's volatility, which a drift does not disturb:
 * `sqrt(mean(ln(high/open) * ln(high/close) + ln(low/open) * ln(low/close)) * barsPerYear)` over the last `period` bars,
 * where `ln(high/close)` is `ln(high/open) - ln(close/open)`: exactly 0 where the close is the high.
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
  const { open, high, low, close } = bars;
  const terms = new Float64Array(out.length);
  for (let i = 0; i < out.length; i++) {
    const up = logRatio(high[i]!, open[i]!);
    const down = logRatio(low[i]!, open[i]!);
    const body = logRatio(close[i]!, open[i]!);
    terms[i] = up * (up - body) + down * (down - body);
  }
  rollingMean(terms, period, out, { ordinal });
  toVolatility("rogersSatchellVolatility", out, barsPerYear);
}
