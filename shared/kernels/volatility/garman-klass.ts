import { requirePeriod } from "../arguments.ts";
import { rollingMean } from "../rolling/rolling-mean.ts";
import { type BarPrices, requireBars } from "../bar-prices.ts";
import { logRatio } from "./log-ratio.ts";
import { toVolatility, type VolatilityOptions } from "./volatility-options.ts";

/** `2 ln 2 - 1`. */
const SCALE = 0.3862943611198906;

/**
 * Garman and Klass' volatility: `sqrt(mean(ln(high / low)^2 / 2 - (2 ln 2 - 1) * ln(close / open)^2) * barsPerYear)`
 * over the last `period` bars. It assumes that prices have no drift and no gaps between bars.
 *
 * Warm-up: null before index `period - 1`. Nulls: null where the window holds a price that is null, infinite or not
 * positive, and where the mean is negative, which only bars with an open or close outside their range can cause.
 * Finite: look-back `period - 1`; bits depend on the window and on `ordinal`. Source: M. Garman and M. Klass, On the
 * Estimation of Security Price Volatilities from Historical Data, 1980, the practical estimator without the drift
 * terms.
 */
export function garmanKlassVolatility(
  bars: BarPrices,
  period: number,
  out: Float64Array,
  { ordinal, barsPerYear = 1 }: VolatilityOptions = {},
): void {
  requirePeriod("garmanKlassVolatility", "period", period);
  requireBars("garmanKlassVolatility", bars, out);
  const { open, high, low, close } = bars;
  const terms = new Float64Array(out.length);
  for (let i = 0; i < out.length; i++) {
    const range = logRatio(high[i]!, low[i]!);
    const body = logRatio(close[i]!, open[i]!);
    terms[i] = 0.5 * range * range - SCALE * (body * body);
  }
  rollingMean(terms, period, out, { ordinal });
  toVolatility("garmanKlassVolatility", out, barsPerYear);
}
