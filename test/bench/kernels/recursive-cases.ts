import * as k from "../../../shared/kernels/index.ts";
import type { KernelCase, KernelName } from "./kernel-case.ts";

/** Kernels that go on from a state. */
export const recursiveCases = {
  accumulationDistribution: {
    with: "",
    columns: 1,
    run: ({ high, low, close, volume, out }) => k.accumulationDistribution(high, low, close, volume, out[0]),
  },
  adx: {
    with: "14",
    columns: 4,
    run: ({ high, low, close, out: [plusDi, minusDi, adx, adxr] }) =>
      k.adx(high, low, close, 14, { plusDi, minusDi, adx, adxr }),
  },
  averageTrueRange: {
    with: "14",
    columns: 1,
    run: ({ high, low, close, out }) => k.averageTrueRange(high, low, close, 14, out[0]),
  },
  chaikinOscillator: {
    with: "3, 10",
    columns: 1,
    run: ({ volume, out }) => k.chaikinOscillator(volume, out[0]),
  },
  chandelier: {
    with: "22, 3",
    columns: 2,
    run: ({ high, low, close, out }) => k.chandelier(high, low, close, { period: 22 }, out[0], out[1]),
  },
  connorsRsi: {
    with: "3, 2, 100",
    columns: 1,
    run: ({ close, out }) => k.connorsRsi(close, { rsiPeriod: 3, streakPeriod: 2, rankPeriod: 100 }, out[0]),
  },
  dema: { with: "20", columns: 1, run: ({ close, out }) => k.dema(close, 20, out[0]) },
  elderRay: {
    with: "13",
    columns: 2,
    run: ({ high, low, close, out }) => k.elderRay(high, low, close, 13, out[0], out[1]),
  },
  ema: { with: "20", columns: 1, run: ({ close, out }) => k.ema(close, 20, out[0]) },
  fisherTransform: {
    with: "10",
    columns: 1,
    run: ({ high, low, out }) => k.fisherTransform(high, low, 10, out[0]),
  },
  kama: { with: "10", columns: 1, run: ({ close, out }) => k.kama(close, { period: 10 }, out[0]) },
  keltner: {
    with: "20, 2, 10",
    columns: 3,
    run: ({ high, low, close, out }) => k.keltner(high, low, close, { period: 20 }, out[0], out[1], out[2]),
  },
  macd: {
    with: "12, 26, 9",
    columns: 3,
    run: ({ close, out }) => k.macd(close, { fast: 12, slow: 26, signal: 9 }, out[0], out[1], out[2]),
  },
  onBalanceVolume: {
    with: "",
    columns: 1,
    run: ({ close, volume, out }) => k.onBalanceVolume(close, volume, out[0]),
  },
  parabolicSar: {
    with: "0.02, 0.2",
    columns: 2,
    run: ({ high, low, out }) => k.parabolicSar(high, low, { step: 0.02, maximum: 0.2 }, out[0], out[1]),
  },
  percentageOscillator: {
    with: "12, 26, 9",
    columns: 3,
    run: ({ close, out }) =>
      k.percentageOscillator(close, { fast: 12, slow: 26, signal: 9 }, out[0], out[1], out[2]),
  },
  priceMomentumOscillator: {
    with: "35, 20, 10",
    columns: 2,
    run: ({ close, out }) =>
      k.priceMomentumOscillator(close, { first: 35, second: 20, signal: 10 }, out[0], out[1]),
  },
  rsi: { with: "14", columns: 1, run: ({ close, out }) => k.rsi(close, 14, out[0]) },
  starc: {
    with: "5, 2, 10",
    columns: 3,
    run: ({ high, low, close, out }) => k.starc(high, low, close, { period: 5 }, out[0], out[1], out[2]),
  },
  stochasticMomentumIndex: {
    with: "13, 25, 2, 3",
    columns: 2,
    run: ({ high, low, close, out }) => {
      const spans = { period: 13, first: 25, second: 2, signal: 3 };
      k.stochasticMomentumIndex(high, low, close, spans, out[0], out[1]);
    },
  },
  stochasticRsi: {
    with: "14, 14, 3, 3",
    columns: 2,
    run: ({ close, out }) =>
      k.stochasticRsi(close, { rsiPeriod: 14, period: 14, smooth: 3, signal: 3 }, out[0], out[1]),
  },
  supertrend: {
    with: "10, 3",
    columns: 2,
    run: ({ high, low, close, out }) =>
      k.supertrend(high, low, close, { period: 10, multiplier: 3 }, out[0], out[1]),
  },
  t3: { with: "5", columns: 1, run: ({ close, out }) => k.t3(close, 5, out[0]) },
  tema: { with: "20", columns: 1, run: ({ close, out }) => k.tema(close, 20, out[0]) },
  trix: { with: "15", columns: 1, run: ({ close, out }) => k.trix(close, 15, out[0]) },
  trueStrengthIndex: {
    with: "25, 13, 7",
    columns: 2,
    run: ({ close, out }) => k.trueStrengthIndex(close, { long: 25, short: 13, signal: 7 }, out[0], out[1]),
  },
  wilder: { with: "14", columns: 1, run: ({ close, out }) => k.wilder(close, 14, out[0]) },
} satisfies Partial<Record<KernelName, KernelCase>>;
