import { PERIODS } from "./indicator.ts";
import { type ArrayBars, bandColumns, type Library } from "./library.ts";

interface Series<Input, Result> {
  updates(values: readonly Input[]): (Result | null)[];
}
type Bands = { readonly middle: number; readonly upper: number; readonly lower: number };
interface TradingSignals {
  readonly RSI: new (interval: number) => Series<number, number>;
  readonly EMA: new (interval: number) => Series<number, number>;
  readonly MACD: new (
    short: Series<number, number>,
    long: Series<number, number>,
    signal: Series<number, number>,
  ) => Series<number, { macd: number; signal: number; histogram: number }>;
  readonly BollingerBands: new (interval: number, multiplier: number) => Series<number, Bands>;
  readonly ATR: new (interval: number) => Series<ArrayBars["candles"][number], number>;
}

/** trading-signals, by `updates` with all values at once. Its averages begin with the first value. */
export function tradingSignals(module: unknown): Library {
  const { RSI, MACD, EMA, BollingerBands, ATR } = module as TradingSignals;
  return {
    rsi({ close }) {
      const rsi = new RSI(PERIODS.rsi).updates(close);
      return () => ({ rsi });
    },
    macd({ close }) {
      const macd = new MACD(new EMA(PERIODS.fast), new EMA(PERIODS.slow), new EMA(PERIODS.signal));
      const rows = macd.updates(close);
      return () => ({
        macd: rows.map((row) => row?.macd ?? null),
        signal: rows.map((row) => row?.signal ?? null),
        histogram: rows.map((row) => row?.histogram ?? null),
      });
    },
    ema({ close }) {
      const ema = new EMA(PERIODS.ema).updates(close);
      return () => ({ ema });
    },
    bollinger({ close }) {
      const rows = new BollingerBands(PERIODS.bollinger, 2).updates(close);
      return () => bandColumns(rows);
    },
    atr({ candles }) {
      const atr = new ATR(PERIODS.atr).updates(candles);
      return () => ({ atr });
    },
  };
}
