import * as k from "../../../shared/kernels/index.ts";
import type { KernelCase, KernelName, KernelUnit } from "./kernel-case.ts";

const PATTERNS = k.candlePatternNames;

/** Volatility, volume, candles, cross-sections, sessions and arithmetic. */
export const otherCases = {
  amihudIlliquidity: {
    with: "21",
    columns: 1,
    run: ({ close, volume, out }) => k.amihudIlliquidity(close, volume, 21, out[0]),
  },
  calendarDays: {
    with: "us-equities' hours",
    columns: 6,
    run: ({ dates, clock, whole, bytes }) =>
      k.calendarDays(dates, clock, {
        dayOfWeek: whole[0],
        dayOfMonth: whole[1],
        month: whole[2],
        isMonthEnd: bytes[0],
        isHalfDay: bytes[1],
        isTradingDay: bytes[2],
      }),
  },
  candlePattern: {
    with: `readCandles and ${PATTERNS.length} patterns`,
    columns: PATTERNS.length,
    run: ({ open, high, low, close, flags, bytes }) => {
      const candles = k.readCandles(open, high, low, close);
      for (const name of PATTERNS) k.candlePattern(candles, name, flags, bytes[0]);
    },
  },
  chaikinMoneyFlow: {
    with: "20",
    columns: 1,
    run: ({ high, low, close, volume, out }) => k.chaikinMoneyFlow(high, low, close, volume, 20, out[0]),
  },
  closeToCloseVolatility: {
    with: "20",
    columns: 1,
    run: ({ close, out }) => k.closeToCloseVolatility(close, 20, out[0]),
  },
  demean: {
    with: "11 groups, by date",
    columns: 1,
    run: ({ close, out, groups }) => k.demean(close, out[0], groups),
  },
  exp: { with: "", columns: 1, run: ({ volatility, out }) => each(k.exp, volatility, out[0]) },
  garmanKlassVolatility: {
    with: "20",
    columns: 1,
    run: (bars) => k.garmanKlassVolatility(bars, 20, bars.out[0]),
  },
  hypot: {
    with: "",
    columns: 1,
    run: ({ high, low, out }) => {
      for (let i = 0; i < high.length; i++) out[0][i] = k.hypot(high[i]!, low[i]!);
    },
  },
  localDates: {
    with: "minutes",
    columns: 1,
    run: ({ ts, clock, whole }) => k.localDates(ts, clock, whole[0]),
  },
  localMicros: { with: "minutes", columns: 1, run: ({ ts, clock, out }) => k.localMicros(ts, clock, out[0]) },
  log: { with: "", columns: 1, run: ({ close, out }) => each(k.log, close, out[0]) },
  log10: { with: "", columns: 1, run: ({ close, out }) => each(k.log10, close, out[0]) },
  log1p: { with: "", columns: 1, run: ({ volatility, out }) => each(k.log1p, volatility, out[0]) },
  moneyFlowIndex: {
    with: "14",
    columns: 1,
    run: ({ high, low, close, volume, out }) => k.moneyFlowIndex(high, low, close, volume, 14, out[0]),
  },
  moneyFlowVolume: {
    with: "",
    columns: 1,
    run: ({ high, low, close, volume, out }) => k.moneyFlowVolume(high, low, close, volume, out[0]),
  },
  movingVwap: {
    with: "20",
    columns: 1,
    run: ({ high, low, close, volume, out }) => k.movingVwap(high, low, close, volume, 20, out[0]),
  },
  parkinsonVolatility: {
    with: "20",
    columns: 1,
    run: ({ high, low, out }) => k.parkinsonVolatility(high, low, 20, out[0]),
  },
  percentRank: { with: "by date", columns: 1, run: ({ close, out }) => k.percentRank(close, out[0]) },
  readCandles: {
    with: "10, 5",
    columns: 1,
    run: ({ open, high, low, close }) => void k.readCandles(open, high, low, close),
  },
  relativeVolume: {
    with: "20 sessions of 78 bars",
    columns: 1,
    run: ({ volume, sessions, slots, out }) => k.relativeVolume(volume, sessions, slots, 20, out[0]),
  },
  rogersSatchellVolatility: {
    with: "20",
    columns: 1,
    run: (bars) => k.rogersSatchellVolatility(bars, 20, bars.out[0]),
  },
  scaleToUnit: { with: "by date", columns: 1, run: ({ close, out }) => k.scaleToUnit(close, out[0]) },
  sessionBuckets: {
    with: "5 minutes",
    columns: 1,
    run: ({ ts, clock, out }) => k.sessionBuckets(ts, clock, 5, out[0]),
  },
  sessionSlots: {
    with: "minutes",
    columns: 2,
    run: ({ ts, clock, out }) => k.sessionSlots(ts, clock, out[0], out[1]),
  },
  sessionVwap: {
    with: "sessions of 78 bars",
    columns: 1,
    run: ({ sessions, high, low, close, volume, out }) =>
      k.sessionVwap(sessions, high, low, close, volume, out[0]),
  },
  tradingMinutes: {
    with: "minutes",
    columns: 2,
    run: ({ ts, clock, out }) => k.tradingMinutes(ts, clock, out[0], out[1]),
  },
  trueRange: {
    with: "",
    columns: 1,
    run: ({ high, low, close, out }) => k.trueRange(high, low, close, out[0]),
  },
  typicalPrice: {
    with: "",
    columns: 1,
    run: ({ high, low, close, out }) => k.typicalPrice(high, low, close, out[0]),
  },
  volumeWeightedMean: {
    with: "20",
    columns: 1,
    run: ({ close, volume, out }) => k.volumeWeightedMean(close, volume, 20, out[0]),
  },
  winsorize: { with: "0.01, by date", columns: 1, run: ({ close, out }) => k.winsorize(close, 0.01, out[0]) },
  yangZhangVolatility: {
    with: "20",
    columns: 1,
    run: (bars) => k.yangZhangVolatility(bars, 20, bars.out[0]),
  },
  zScore: { with: "by date", columns: 1, run: ({ close, out }) => k.zScore(close, out[0]) },
} satisfies Partial<Record<KernelName, KernelCase>>;

function each(
  kernel: (value: number) => number,
  values: KernelUnit["close"],
  out: KernelUnit["close"],
): void {
  for (let i = 0; i < values.length; i++) out[i] = kernel(values[i]!);
}
