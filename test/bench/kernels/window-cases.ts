import * as k from "../../../shared/kernels/index.ts";
import type { KernelCase, KernelName } from "./kernel-case.ts";

/** Kernels over windows of bars, and from bar to bar. */
export const windowCases = {
  alma: { with: "20", columns: 1, run: ({ close, out }) => k.alma(close, 20, out[0]) },
  aroon: {
    with: "25",
    columns: 3,
    run: ({ high, low, out }) => k.aroon(high, low, 25, out[0], out[1], out[2]),
  },
  awesomeOscillator: {
    with: "5, 34",
    columns: 2,
    run: ({ high, low, out }) => k.awesomeOscillator(high, low, { fast: 5, slow: 34 }, out[0], out[1]),
  },
  balanceOfPower: { with: "14", columns: 1, run: (bars) => k.balanceOfPower(bars, 14, bars.out[0]) },
  barsSinceMax: { with: "20", columns: 1, run: ({ high, out }) => k.barsSinceMax(high, 20, out[0]) },
  barsSinceMin: { with: "20", columns: 1, run: ({ low, out }) => k.barsSinceMin(low, 20, out[0]) },
  bollinger: {
    with: "20, 2",
    columns: 3,
    run: ({ close, out }) => k.bollinger(close, { period: 20 }, out[0], out[1], out[2]),
  },
  chandeMomentumOscillator: {
    with: "14",
    columns: 1,
    run: ({ close, out }) => k.chandeMomentumOscillator(close, 14, out[0]),
  },
  change: { with: "1", columns: 1, run: ({ close, out }) => k.change(close, 1, out[0]) },
  channelWidth: {
    with: "",
    columns: 1,
    run: ({ close, high, low, out }) => k.channelWidth(close, high, low, out[0]),
  },
  choppinessIndex: {
    with: "14",
    columns: 1,
    run: ({ high, low, close, out }) => k.choppinessIndex(high, low, close, 14, out[0]),
  },
  commodityChannelIndex: {
    with: "20",
    columns: 1,
    run: ({ high, low, close, out }) => k.commodityChannelIndex(high, low, close, 20, out[0]),
  },
  detrendedPriceOscillator: {
    with: "20",
    columns: 1,
    run: ({ close, out }) => k.detrendedPriceOscillator(close, 20, out[0]),
  },
  donchian: {
    with: "20",
    columns: 3,
    run: ({ high, low, out }) => k.donchian(high, low, 20, out[0], out[1], out[2]),
  },
  envelope: {
    with: "20",
    columns: 3,
    run: ({ close, out }) => k.envelope(close, { period: 20 }, out[0], out[1], out[2]),
  },
  epma: { with: "20", columns: 1, run: ({ close, out }) => k.epma(close, 20, out[0]) },
  forwardReturn: {
    with: "1, 6",
    columns: 1,
    run: ({ open, out }) => k.forwardReturn(open, open, { entryLag: 1, exitLag: 6 }, out[0]),
  },
  fractionalDifference: {
    with: "0.4, 282 weights",
    columns: 1,
    run: ({ close, out }) => k.fractionalDifference(close, 0.4, { threshold: 1e-4 }, out[0]),
  },
  hma: { with: "20", columns: 1, run: ({ close, out }) => k.hma(close, 20, out[0]) },
  ichimoku: {
    with: "9, 26, 52",
    columns: 4,
    run: ({ high, low, out: [tenkan, kijun, senkouA, senkouB] }) =>
      k.ichimoku(high, low, { tenkan: 9, kijun: 26, senkou: 52 }, { tenkan, kijun, senkouA, senkouB }),
  },
  logReturn: { with: "1", columns: 1, run: ({ close, out }) => k.logReturn(close, 1, out[0]) },
  rateOfChange: { with: "10", columns: 1, run: ({ close, out }) => k.rateOfChange(close, 10, out[0]) },
  resumeKernel: {
    with: "rollingMean 20",
    columns: 1,
    run: ({ close, out }) =>
      k.resumeKernel([close], 19, 0, new Float64Array(20), [out[0]], ([values], [mean], ordinal) =>
        k.rollingMean(values!, 20, mean!, { ordinal }),
      ),
  },
  resumeWindow: {
    with: "19",
    columns: 1,
    run: ({ close }) => void k.resumeWindow(close, 19, new Float64Array(20)),
  },
  rollingCorrelation: {
    with: "20",
    columns: 1,
    run: ({ close, volume, out }) => k.rollingCorrelation(close, volume, 20, out[0]),
  },
  rollingCovariance: {
    with: "20",
    columns: 1,
    run: ({ close, volume, out }) => k.rollingCovariance(close, volume, 20, out[0]),
  },
  rollingLinearFit: {
    with: "20",
    columns: 3,
    run: ({ close, out }) => k.rollingLinearFit(close, 20, out[0], out[1], out[2]),
  },
  rollingMax: { with: "20", columns: 1, run: ({ high, out }) => k.rollingMax(high, 20, out[0]) },
  rollingMean: { with: "20", columns: 1, run: ({ close, out }) => k.rollingMean(close, 20, out[0]) },
  rollingMeanAbsoluteDeviation: {
    with: "20",
    columns: 1,
    run: ({ close, out }) => k.rollingMeanAbsoluteDeviation(close, 20, out[0]),
  },
  rollingMin: { with: "20", columns: 1, run: ({ low, out }) => k.rollingMin(low, 20, out[0]) },
  rollingOrder: {
    with: "20, 0.2, 0.8",
    columns: 3,
    run: ({ close, out }) =>
      k.rollingOrder(close, 20, {
        low: { q: 0.2, out: out[0] },
        high: { q: 0.8, out: out[1] },
        rank: out[2],
      }),
  },
  rollingQuantile: {
    with: "20, 0.8",
    columns: 1,
    run: ({ close, out }) => k.rollingQuantile(close, 20, 0.8, out[0]),
  },
  rollingRank: { with: "20", columns: 1, run: ({ close, out }) => k.rollingRank(close, 20, out[0]) },
  rollingSlope: { with: "20", columns: 1, run: ({ close, out }) => k.rollingSlope(close, 20, out[0]) },
  rollingStd: { with: "20", columns: 1, run: ({ close, out }) => k.rollingStd(close, 20, out[0]) },
  rollingSum: { with: "20", columns: 1, run: ({ close, out }) => k.rollingSum(close, 20, out[0]) },
  rollingVariance: { with: "20", columns: 1, run: ({ close, out }) => k.rollingVariance(close, 20, out[0]) },
  simpleReturn: { with: "1", columns: 1, run: ({ close, out }) => k.simpleReturn(close, 1, out[0]) },
  stochastic: {
    with: "14, 3, 3",
    columns: 2,
    run: ({ high, low, close, out }) =>
      k.stochastic(high, low, close, { period: 14, smooth: 3, signal: 3 }, out[0], out[1]),
  },
  tripleBarrier: {
    with: "1, 1, 10 bars",
    columns: 3,
    run: (bars) => {
      const [label, exitReturn, held] = bars.out;
      const barriers = { entry: "open", upper: 1, lower: 1, horizon: 10 } as const;
      k.tripleBarrier(bars, barriers, { label, exitReturn, held });
    },
  },
  ulcerIndex: { with: "14", columns: 1, run: ({ close, out }) => k.ulcerIndex(close, 14, out[0]) },
  ultimateOscillator: {
    with: "7, 14, 28",
    columns: 1,
    run: ({ high, low, close, out }) =>
      k.ultimateOscillator(high, low, close, { short: 7, middle: 14, long: 28 }, out[0]),
  },
  vortex: {
    with: "14",
    columns: 2,
    run: ({ high, low, close, out }) => k.vortex(high, low, close, 14, out[0], out[1]),
  },
  williamsR: {
    with: "14",
    columns: 1,
    run: ({ high, low, close, out }) => k.williamsR(high, low, close, 14, out[0]),
  },
  wma: { with: "20", columns: 1, run: ({ close, out }) => k.wma(close, 20, out[0]) },
} satisfies Partial<Record<KernelName, KernelCase>>;
