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
 * How a symbol moves with an index: the regression r = a + beta * m + e over the last `period` pairs of returns, r of
 * the symbol's close and m of the index symbol's, matched by time. Both returns span the same bars, from the symbol's
 * bar before to this one: over a gap of the symbol the index moves on, too.
 *
 * - `beta`: cov(r, m) / var(m).
 * - `correlation`: cov(r, m) / sqrt(var(r) * var(m)).
 * - `idiosyncratic_volatility`: standard deviation of the residuals e, per bar, with `period` - 2 degrees of freedom:
 *   sqrt(sum(e^2) / (period - 2)), which is sd(r) * sqrt((1 - correlation^2) * (period - 1) / (period - 2)).
 *
 * Null for the first `period` bars and while one of the returns is null (a null close, no bar of the index at that time,
 * an earlier close of zero); where the index did not move at all; `correlation` also where the symbol did not move, whose
 * idiosyncratic volatility is then 0.
 */
export default defineFeature({
  description: "Rolling beta, correlation and idiosyncratic volatility of returns against an index symbol",
  source: "Sharpe, A Simplified Model for Portfolio Analysis, 1963",
  params: z.object({
    index: z.string().min(1).default("SPY").describe("symbol of the same dataset that stands for the market"),
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
      // What is left of 1 by rounding is no residual: a symbol against itself has none.
      const unexplained = spread[i] === 0 || 1 - r * r < 1e-14 ? 0 : 1 - r * r;
      const residual = spread[i]! * Math.sqrt(unexplained * freedom);
      out.idiosyncratic_volatility[i] = Number.isNaN(out.beta[i]) ? NaN : residual;
    }
  },
});
