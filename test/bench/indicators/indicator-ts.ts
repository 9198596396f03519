import { PERIODS } from "./indicator.ts";
import type { Library } from "./library.ts";

interface IndicatorTs {
  readonly rsi: (close: number[], config: object) => number[];
  readonly macd: (close: number[], config: object) => { macdLine: number[]; signalLine: number[] };
  readonly ema: (close: number[], config: object) => number[];
  readonly bb: (close: number[], config: object) => { middle: number[]; upper: number[]; lower: number[] };
  readonly atr: (
    high: number[],
    low: number[],
    close: number[],
    config: object,
  ) => { readonly atrLine: number[] };
}

/** indicatorts. Its MACD has no histogram, its ATR is a simple mean, its averages begin with the first value. */
export function indicatorTs(module: unknown): Library {
  const { rsi, macd, ema, bb, atr } = module as IndicatorTs;
  return {
    rsi({ close }) {
      const values = rsi(close, { period: PERIODS.rsi });
      return () => ({ rsi: values });
    },
    macd({ close }) {
      const { macdLine, signalLine } = macd(close, PERIODS);
      return () => ({ macd: macdLine, signal: signalLine });
    },
    ema({ close }) {
      const values = ema(close, { period: PERIODS.ema });
      return () => ({ ema: values });
    },
    bollinger({ close }) {
      const { middle, upper, lower } = bb(close, { period: PERIODS.bollinger });
      return () => ({ middle, upper, lower });
    },
    atr({ high, low, close }) {
      const { atrLine } = atr(high, low, close, { period: PERIODS.atr });
      return () => ({ simple: atrLine });
    },
  };
}
