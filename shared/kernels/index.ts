/**
 * `quiver/kernels`: column maths over typed arrays. Every kernel is a pure function that fills the outputs it is given
 * (same length as the input, not overlapping it), allocates nothing per bar, and gives the same bits on every runtime.
 * Null is NaN, both in inputs and in outputs.
 *
 * A recursive kernel accepts a `state` in its options: `…StateLength` doubles, all zero at a symbol's first bar, which
 * it reads before the first bar and writes after the last. A series that is cut anywhere and resumed gives the same
 * bits. A kernel over windows accepts the `ordinal` of row 0 if its sums depend on it.
 *
 * The module also exports what handlers need around kernels: scalar functions such as `exp` and `log`, sessions and
 * dates by a dataset's clock, helpers that carry windows in a state, and the stages in which alpha101 is computed.
 */
export { alma, type AlmaOptions } from "./averages/alma.ts";
export { dema, demaStateLength } from "./averages/dema.ts";
export { ema } from "./averages/ema.ts";
export { epma } from "./averages/epma.ts";
export { hma, hmaLookBack } from "./averages/hma.ts";
export { kama, type KamaOptions, type KamaParams, kamaStateLength } from "./averages/kama.ts";
export { type Seeding, type SmoothingOptions, smoothingStateLength } from "./averages/smoothing.ts";
export { t3, type T3Options, t3StateLength } from "./averages/t3.ts";
export { tema, temaStateLength } from "./averages/tema.ts";
export { wilder } from "./averages/wilder.ts";
export { wma } from "./averages/wma.ts";
export { bollinger, type BollingerOptions, type BollingerParams } from "./bands/bollinger.ts";
export { chandelier, type ChandelierParams, chandelierStateLength } from "./bands/chandelier.ts";
export { channelWidth } from "./bands/channel-width.ts";
export { donchian, type DonchianOptions } from "./bands/donchian.ts";
export { envelope, type EnvelopeParams } from "./bands/envelope.ts";
export { keltner, type KeltnerParams, keltnerStateLength } from "./bands/keltner.ts";
export { starc, type StarcOptions, type StarcParams, starcStateLength } from "./bands/starc.ts";
export type { BarPrices } from "./bar-prices.ts";
export {
  candleLookBack,
  candlePattern,
  type CandlePatternName,
  candlePatternNames,
} from "./candles/candle-pattern.ts";
export type { CandleOptions } from "./candles/pattern.ts";
export { type CandlePeriods, type Candles, readCandles } from "./candles/read-candles.ts";
export { demean } from "./cross-section/demean.ts";
export { percentRank } from "./cross-section/percent-rank.ts";
export { scaleToUnit } from "./cross-section/scale-to-unit.ts";
export { winsorize } from "./cross-section/winsorize.ts";
export { zScore } from "./cross-section/z-score.ts";
export { alpha101HelperParams } from "./formulas/alpha101-helper-params.ts";
export { alpha101Numbers, type Alpha101Params, alpha101Stage } from "./formulas/alpha101-stage.ts";
export { fractionalDifference } from "./frac-diff/fractional-difference.ts";
export {
  type FractionalWindow,
  fractionalWeights,
  fractionalWidthMax,
} from "./frac-diff/fractional-weights.ts";
export { forwardReturn, type ForwardReturnOptions } from "./labels/forward-return.ts";
export {
  tripleBarrier,
  type TripleBarrierBars,
  type TripleBarrierOptions,
  type TripleBarrierOutputs,
} from "./labels/triple-barrier.ts";
export { exp } from "./math/exp.ts";
export { hypot } from "./math/hypot.ts";
export { log } from "./math/log.ts";
export { log10 } from "./math/log10.ts";
export { log1p } from "./math/log1p.ts";
export { macd, type MacdParams, macdStateLength } from "./momentum/macd.ts";
export { rsi, type RsiOptions, rsiStateLength } from "./momentum/rsi.ts";
export { type AwesomeOscillatorParams, awesomeOscillator } from "./oscillators/awesome-oscillator.ts";
export { balanceOfPower } from "./oscillators/balance-of-power.ts";
export { chandeMomentumOscillator } from "./oscillators/chande-momentum-oscillator.ts";
export { choppinessIndex } from "./oscillators/choppiness-index.ts";
export { commodityChannelIndex } from "./oscillators/commodity-channel-index.ts";
export { connorsRsi, type ConnorsRsiParams, connorsRsiStateLength } from "./oscillators/connors-rsi.ts";
export { detrendedPriceOscillator } from "./oscillators/detrended-price-oscillator.ts";
export { elderRay, elderRayStateLength } from "./oscillators/elder-ray.ts";
export { fisherTransform, fisherTransformStateLength } from "./oscillators/fisher-transform.ts";
export {
  percentageOscillator,
  type PercentageOscillatorParams,
  percentageOscillatorStateLength,
} from "./oscillators/percentage-oscillator.ts";
export {
  priceMomentumOscillator,
  type PriceMomentumOscillatorParams,
  priceMomentumOscillatorStateLength,
} from "./oscillators/price-momentum-oscillator.ts";
export { rateOfChange } from "./oscillators/rate-of-change.ts";
export {
  stochasticMomentumIndex,
  type StochasticMomentumIndexParams,
  stochasticMomentumIndexStateLength,
} from "./oscillators/stochastic-momentum-index.ts";
export {
  stochasticRsi,
  type StochasticRsiParams,
  stochasticRsiStateLength,
} from "./oscillators/stochastic-rsi.ts";
export { stochastic, type StochasticParams } from "./oscillators/stochastic.ts";
export { trix, trixStateLength } from "./oscillators/trix.ts";
export {
  trueStrengthIndex,
  type TrueStrengthIndexParams,
  trueStrengthIndexStateLength,
} from "./oscillators/true-strength-index.ts";
export { ulcerIndex } from "./oscillators/ulcer-index.ts";
export { ultimateOscillator, type UltimateOscillatorParams } from "./oscillators/ultimate-oscillator.ts";
export { williamsR } from "./oscillators/williams-r.ts";
export { change } from "./returns/change.ts";
export { logReturn } from "./returns/log-return.ts";
export { simpleReturn } from "./returns/simple-return.ts";
export { barsSinceMax } from "./rolling/bars-since-max.ts";
export { barsSinceMin } from "./rolling/bars-since-min.ts";
export type { RollingOptions, RollingVarianceOptions } from "./rolling/blocks.ts";
export type { BarsSinceOptions, TieOptions } from "./rolling/extremes.ts";
export { rollingCorrelation } from "./rolling/rolling-correlation.ts";
export { rollingCovariance } from "./rolling/rolling-covariance.ts";
export { rollingLinearFit } from "./rolling/rolling-linear-fit.ts";
export { rollingMax } from "./rolling/rolling-max.ts";
export { rollingMeanAbsoluteDeviation } from "./rolling/rolling-mean-absolute-deviation.ts";
export { rollingMean } from "./rolling/rolling-mean.ts";
export { rollingMin } from "./rolling/rolling-min.ts";
export { type OrderOutputs, rollingOrder } from "./rolling/rolling-order.ts";
export { rollingQuantile } from "./rolling/rolling-quantile.ts";
export { rollingRank } from "./rolling/rolling-rank.ts";
export { rollingSlope } from "./rolling/rolling-slope.ts";
export { rollingStd } from "./rolling/rolling-std.ts";
export { rollingSum } from "./rolling/rolling-sum.ts";
export { rollingVariance } from "./rolling/rolling-variance.ts";
export { calendarDays, type CalendarDays, type TradingCalendar } from "./sessions/calendar-days.ts";
export { localDates, localMicros, toInstant, type UtcOffsets } from "./sessions/local-time.ts";
export { bucketEnd, sessionBuckets, type SessionClock } from "./sessions/session-buckets.ts";
export { sessionIntervals, type TradingHours } from "./sessions/session-intervals.ts";
export { tradingMinutes } from "./sessions/trading-minutes.ts";
export type { StateOptions } from "./state-options.ts";
export { adx, type AdxOutputs, adxStateLength } from "./trend/adx.ts";
export { aroon } from "./trend/aroon.ts";
export { ichimoku, type IchimokuOutputs, type IchimokuParams } from "./trend/ichimoku.ts";
export { parabolicSar, type ParabolicSarParams, parabolicSarStateLength } from "./trend/parabolic-sar.ts";
export { supertrend, type SupertrendParams, supertrendStateLength } from "./trend/supertrend.ts";
export { vortex } from "./trend/vortex.ts";
export { averageTrueRange, averageTrueRangeStateLength } from "./volatility/average-true-range.ts";
export { closeToCloseVolatility } from "./volatility/close-to-close.ts";
export { garmanKlassVolatility } from "./volatility/garman-klass.ts";
export { parkinsonVolatility } from "./volatility/parkinson.ts";
export { rogersSatchellVolatility } from "./volatility/rogers-satchell.ts";
export { trueRange } from "./volatility/true-range.ts";
export type { VolatilityOptions } from "./volatility/volatility-options.ts";
export { yangZhangVolatility } from "./volatility/yang-zhang.ts";
export {
  accumulationDistribution,
  accumulationDistributionStateLength,
} from "./volume/accumulation-distribution.ts";
export { amihudIlliquidity } from "./volume/amihud-illiquidity.ts";
export { chaikinMoneyFlow } from "./volume/chaikin-money-flow.ts";
export {
  type ChaikinOptions,
  chaikinOscillator,
  chaikinOscillatorStateLength,
} from "./volume/chaikin-oscillator.ts";
export { moneyFlowIndex } from "./volume/money-flow-index.ts";
export { moneyFlowVolume } from "./volume/money-flow-volume.ts";
export { movingVwap } from "./volume/moving-vwap.ts";
export { onBalanceVolume, onBalanceVolumeStateLength } from "./volume/on-balance-volume.ts";
export { relativeVolume, type RelativeVolumeOutputs } from "./volume/relative-volume.ts";
export { sessionSlots, type SlotClock } from "./volume/session-slots.ts";
export { sessionVwap, sessionVwapStateLength } from "./volume/session-vwap.ts";
export { typicalPrice } from "./volume/typical-price.ts";
export { volumeWeightedMean } from "./volume/volume-weighted-mean.ts";
export { resumeKernel, resumeKernelStateLength } from "./windows/resume-kernel.ts";
export { resumeWindow, resumeWindowStateLength } from "./windows/resume-window.ts";
export { splitState, stateLengthOf, type StateLengths } from "./windows/split-state.ts";
