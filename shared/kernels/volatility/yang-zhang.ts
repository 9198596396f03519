import { requirePeriod } from "../arguments.ts";
import { rollingMean } from "../rolling/rolling-mean.ts";
import { rollingVariance } from "../rolling/rolling-variance.ts";
import { type BarPrices, requireBars } from "../bar-prices.ts";
import { logRatio } from "./log-ratio.ts";
import { toVolatility, type VolatilityOptions } from "./volatility-options.ts";

/**
 * Yang and Zhang's volatility, which is unaffected by drift and by gaps between bars: `sqrt((overnight + k * day +
 * (1 - k) * rogersSatchell) * barsPerYear)` over the last `period` bars, where `overnight` is the sample variance
 * (divisor `period - 1`) of `ln(open[t] / close[t-1])`, `day` that of `ln(close / open)`, `rogersSatchell` the mean of
 * Rogers and Satchell's terms, and `k = 0.34 / (1.34 + (period + 1) / (period - 1))`.
 *
 * Warm-up: null before index `period`; the period is at least 2. Nulls: null where a price of the window or the close
 * before it is null, infinite or not positive, and where the sum is negative, which only bars with an open or close
 * outside their range can cause. Finite: look-back `period`; bits depend on the window and on `ordinal`. Source: D.
 * Yang and Q. Zhang, Drift-Independent Volatility Estimation Based on High, Low, Open, and Close Prices, 2000.
 */
export function yangZhangVolatility(
  bars: BarPrices,
  period: number,
  out: Float64Array,
  { ordinal, barsPerYear = 1 }: VolatilityOptions = {},
): void {
  requirePeriod("yangZhangVolatility", "period", period, 2);
  requireBars("yangZhangVolatility", bars, out);
  const { open, high, low, close } = bars;
  const length = out.length;
  const terms = new Float64Array(length);
  const bodies = new Float64Array(length);
  const gaps = new Float64Array(length);
  let last = NaN;
  for (let i = 0; i < length; i++) {
    const up = logRatio(high[i]!, open[i]!);
    const down = logRatio(low[i]!, open[i]!);
    const body = logRatio(close[i]!, open[i]!);
    terms[i] = up * (up - body) + down * (down - body);
    bodies[i] = body;
    gaps[i] = logRatio(open[i]!, last);
    last = close[i]!;
  }
  const k = 0.34 / (1.34 + (period + 1) / (period - 1));
  rollingMean(terms, period, out, { ordinal });
  rollingVariance(bodies, period, terms, { ordinal, ddof: 1 });
  for (let i = 0; i < length; i++) out[i] = k * terms[i]! + (1 - k) * out[i]!;
  rollingVariance(gaps, period, terms, { ordinal, ddof: 1 });
  for (let i = 0; i < length; i++) out[i] = terms[i]! + out[i]!;
  toVolatility("yangZhangVolatility", out, barsPerYear);
}
