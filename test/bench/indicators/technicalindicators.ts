import { PERIODS } from "./indicator.ts";
import { bandColumns, type Library } from "./library.ts";

interface Calculated<Result> {
  calculate(input: object): Result[];
}
interface TechnicalIndicators {
  readonly RSI: Calculated<number>;
  readonly MACD: Calculated<{ MACD?: number; signal?: number; histogram?: number }>;
  readonly EMA: Calculated<number>;
  readonly BollingerBands: Calculated<{ middle: number; upper: number; lower: number }>;
  readonly ATR: Calculated<number>;
}

/** technicalindicators, by its static `calculate`. Its RSI is rounded to two decimals. */
export function technicalIndicators(module: unknown): Library {
  const { RSI, MACD, EMA, BollingerBands, ATR } = module as TechnicalIndicators;
  return {
    rsi({ close }) {
      const rsi = RSI.calculate({ period: PERIODS.rsi, values: close });
      return () => ({ rsi });
    },
    macd({ close }) {
      const rows = MACD.calculate({
        values: close,
        fastPeriod: PERIODS.fast,
        slowPeriod: PERIODS.slow,
        signalPeriod: PERIODS.signal,
        SimpleMAOscillator: false,
        SimpleMASignal: false,
      });
      return () => ({
        macd: rows.map((row) => row.MACD ?? null),
        signal: rows.map((row) => row.signal ?? null),
        histogram: rows.map((row) => row.histogram ?? null),
      });
    },
    ema({ close }) {
      const ema = EMA.calculate({ period: PERIODS.ema, values: close });
      return () => ({ ema });
    },
    bollinger({ close }) {
      const rows = BollingerBands.calculate({ period: PERIODS.bollinger, values: close, stdDev: 2 });
      return () => bandColumns(rows);
    },
    atr({ high, low, close }) {
      const atr = ATR.calculate({ high, low, close, period: PERIODS.atr });
      return () => ({ atr });
    },
  };
}
