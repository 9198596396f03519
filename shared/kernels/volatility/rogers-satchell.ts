import { requirePeriod } from "../arguments.ts";
import { rollingMean } from "../rolling/rolling-mean.ts";
import { type BarPrices, requireBars } from "../bar-prices.ts";
import { logRatio } from "./log-ratio.ts";
import { toVolatility, type VolatilityOptions } from "./volatility-options.ts";

/**
 * Rogers and Satchell's volatility, which is unaffected by drift: `sqrt(mean(ln(high/open) * ln(high/close) +
 * ln(low/open) * ln(low/close)) * barsPerYear)` over the last `period` bars, where `ln(high/close)` is computed as
 * `ln(high/open) - ln(close/open)`, which is exactly 0 when the close equals the high.
 *
 * Warm-up: null before index `period - 1`. Nulls: null where the window holds a price that is null, infinite or not
 * positive, and where the mean is negative, which only bars with an open or close outside their range can cause.
 * Finite: look-back `period - 1`; bits depend on the window and on `ordinal`. Source: L. Rogers and S. Satchell,
 * Estimating Variance from High, Low and Closing Prices, 1991.
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
