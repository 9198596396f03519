import { defineFeature, float64, price, ratio } from "quiver";
import {
  averageTrueRange,
  averageTrueRangeStateLength,
  closeToCloseVolatility,
  garmanKlassVolatility,
  parkinsonVolatility,
  resumeKernel,
  resumeKernelStateLength,
  rollingMean,
  rollingStd,
  rogersSatchellVolatility,
  trueRange,
  yangZhangVolatility,
} from "quiver/kernels";
import { z } from "zod";

/**
 * How much prices move, from daily or intraday bars.
 *
 * - `true_range`: max(high, previous close) - min(low, previous close); null at the first bar, and if high, low or the
 *   previous close is null.
 * - `atr`: Wilder's average of it: the mean of the first `atr_period` true ranges, then smoothed with 1/`atr_period`. Values
 *   begin at bar `atr_period`. A bar with a null counts as absent: the next range starts from the last close that was
 *   used. `atr_percent`: 100 * atr / close, null if the close is not positive.
 * - `stdev`: population standard deviation of the last `period` closes. `z_score`: (close - mean) / stdev of the same
 *   closes; null if they are all equal.
 *
 * The other columns are volatilities of logarithms of prices over the last `period` bars, times sqrt(`bars_per_year`). By
 * default they are per bar, because bars may have any length; 252 annualises daily bars. Each is null while the window
 * holds a null or non-positive price that it reads.
 * - `close_to_close`: sample standard deviation of the last `period` returns of the close.
 * - `parkinson`: sqrt(mean(ln(high/low)^2) / (4 ln 2)).
 * - `garman_klass`: sqrt(mean(ln(high/low)^2 / 2 - (2 ln 2 - 1) ln(close/open)^2)).
 * - `rogers_satchell`: sqrt(mean(ln(high/close) ln(high/open) + ln(low/close) ln(low/open))).
 * - `yang_zhang`: sqrt(var(ln(open/previous close)) + k var(ln(close/open)) + (1 - k) rogers_satchell^2), sample variances,
 *   k = 0.34 / (1.34 + (period + 1) / (period - 1)).
 * Values of `yang_zhang` and `close_to_close` begin at bar `period`, those of the others one bar before.
 *
 * If the open or close of bars lies outside their range, the mean in garman_klass, rogers_satchell or yang_zhang can be
 * negative; the result is then null. In raw prices, splits count as moves: bind the input to `adjusted-bars` to avoid this.
 */
export default defineFeature({
  description: "True range, ATR, standard deviation, and five estimators of volatility over a window of bars",
  source: "Wilder 1978; Parkinson 1980; Garman and Klass 1980; Rogers and Satchell 1991; Yang and Zhang 2000",
  params: z.object({
    atr_period: z.int().min(1).max(10_000).default(14).describe("bars of the ATR"),
    period: z.int().min(2).max(10_000).default(20).describe("bars of the volatilities' window"),
    bars_per_year: z
      .number()
      .positive()
      .default(1)
      .describe(
        "volatilities are multiplied by its square root: 1 leaves them per bar, 252 annualises daily ones",
      ),
  }),
  inputs: { bars: { open: float64, high: float64, low: float64, close: float64 } },
  outputs: {
    true_range: price,
    atr: price,
    atr_percent: ratio,
    stdev: price,
    z_score: ratio,
    close_to_close: ratio,
    parkinson: ratio,
    garman_klass: ratio,
    rogers_satchell: ratio,
    yang_zhang: ratio,
  },
  memory: { stateLength: ({ period }) => averageTrueRangeStateLength + resumeKernelStateLength(4, period) },
  warmUp: ({ atr_period: atrPeriod, period }) => Math.max(Math.ceil(20.7 * atrPeriod), period),
  handler({ bars }, out, { params, ordinal, state }) {
    const { period } = params;
    const atrState = state.subarray(0, averageTrueRangeStateLength);
    averageTrueRange(bars.high, bars.low, bars.close, params.atr_period, out.atr, { state: atrState });
    for (let i = 0; i < out.atr.length; i++) {
      const close = bars.close[i]!;
      out.atr_percent[i] = close > 0 ? (100 * out.atr[i]!) / close : NaN;
    }
    resumeKernel(
      [bars.open, bars.high, bars.low, bars.close],
      period,
      ordinal,
      state.subarray(averageTrueRangeStateLength),
      [
        out.true_range,
        out.stdev,
        out.z_score,
        out.close_to_close,
        out.parkinson,
        out.garman_klass,
        out.rogers_satchell,
        out.yang_zhang,
      ],
      ([open, high, low, close], outputs, first) => {
        const prices = { open: open!, high: high!, low: low!, close: close! };
        const options = { ordinal: first, barsPerYear: params.bars_per_year };
        trueRange(prices.high, prices.low, prices.close, outputs[0]!);
        rollingStd(prices.close, period, outputs[1]!, options);
        rollingMean(prices.close, period, outputs[2]!, options);
        toScores(prices.close, outputs[1]!, outputs[2]!);
        closeToCloseVolatility(prices.close, period, outputs[3]!, options);
        parkinsonVolatility(prices.high, prices.low, period, outputs[4]!, options);
        garmanKlassVolatility(prices, period, outputs[5]!, options);
        rogersSatchellVolatility(prices, period, outputs[6]!, options);
        yangZhangVolatility(prices, period, outputs[7]!, options);
      },
    );
  },
});

/** Replaces means by standard scores, in place. Zero by zero gives NaN. */
function toScores(close: Float64Array, stdev: Float64Array, mean: Float64Array): void {
  for (let i = 0; i < close.length; i++) mean[i] = (close[i]! - mean[i]!) / stdev[i]!;
}
