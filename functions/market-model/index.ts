import { broadcast, defineFeature, float64, ratio } from "quiver";
import {
  rollingCorrelation,
  rollingCovariance,
  rollingStd,
  rollingVariance,
  simpleReturn,
} from "quiver/kernels";
import { z } from "zod";

/**
 * How a symbol moves with an index: the regression r = a + beta * m + e over the last `period` pairs of returns, where r
 * is the return of the symbol's close and m that of the index symbol's, matched by time. Both returns span the time from
 * the symbol's previous bar to this one, also across a gap in the symbol's bars.
 *
 * - `beta`: cov(r, m) / var(m).
 * - `correlation`: cov(r, m) / sqrt(var(r) * var(m)).
 * - `idiosyncratic_volatility`: standard deviation of the residuals e, per bar, with `period` - 2 degrees of freedom:
 *   sqrt(sum(e^2) / (period - 2)), which is sd(r) * sqrt((1 - correlation^2) * (period - 1) / (period - 2)).
 *
 * All three are null for the first `period` bars, while one of the returns in the window is null (a null close, no bar of
 * the index at that time, an earlier close of zero), and where the index did not move. If the symbol did not move,
 * `correlation` is null and `idiosyncratic_volatility` is 0.
 */
export default defineFeature({
  description: "Rolling beta, correlation and idiosyncratic volatility of returns against an index symbol",
  source: "Sharpe, A Simplified Model for Portfolio Analysis, 1963",
  params: z.object({
    index: z.string().min(1).default("SPY").describe("symbol of the same dataset that represents the market"),
    period: z.int().min(3).max(10_000).default(60).describe("pairs of returns in the window"),
  }),
  inputs: ({ index }) => ({
    bars: { close: float64 },
    market: broadcast(index, { columns: { close: float64 } }),
  }),
  outputs: { beta: ratio, correlation: ratio, idiosyncratic_volatility: ratio },
  memory: { lookBack: ({ period }) => period },
  handler({ bars, market }, out, { params: { period }, ordinal, rowCount }) {
    const own = new Float64Array(rowCount);
    const index = new Float64Array(rowCount);
    const spread = new Float64Array(rowCount);
    simpleReturn(bars.close, 1, own);
    simpleReturn(market.close, 1, index);
    const window = { ordinal, ddof: 1 };
    rollingCovariance(own, index, period, out.beta, window);
    rollingVariance(index, period, spread, window);
    rollingCorrelation(own, index, period, out.correlation, window);
    for (let i = 0; i < rowCount; i++) out.beta[i] = spread[i]! > 0 ? out.beta[i]! / spread[i]! : NaN;
    rollingStd(own, period, spread, window);
    const freedom = (period - 1) / (period - 2);
    for (let i = 0; i < rowCount; i++) {
      const r = out.correlation[i]!;
      // A remainder due to rounding is no residual: a symbol has none against itself.
      const unexplained = spread[i] === 0 || 1 - r * r < 1e-14 ? 0 : 1 - r * r;
      const residual = spread[i]! * Math.sqrt(unexplained * freedom);
      out.idiosyncratic_volatility[i] = Number.isNaN(out.beta[i]) ? NaN : residual;
    }
  },
});
