/** What the kernels are compared on, with these parameters. */
export const INDICATORS = ["rsi", "macd", "ema", "bollinger", "atr"] as const;
export type Indicator = (typeof INDICATORS)[number];

export const PERIODS = { rsi: 14, fast: 12, slow: 26, signal: 9, ema: 20, bollinger: 20, atr: 14 } as const;

/** Columns by indicator, as everyone gives them: RSI; MACD, signal, histogram; EMA; middle, upper, lower; ATR. */
export type IndicatorColumns = Readonly<Record<string, ArrayLike<number | null>>>;

/** The last rows of each column: a library that leaves out its warm-up gives fewer, all end at the last bar. */
export const COMPARED_ROWS = 1_000;

export function lastRows(columns: IndicatorColumns): Record<string, (number | null)[]> {
  const last = (column: ArrayLike<number | null>) =>
    Array.from({ length: COMPARED_ROWS }, (_, i) => column[column.length - COMPARED_ROWS + i] ?? null);
  return Object.fromEntries(Object.entries(columns).map(([name, column]) => [name, last(column)]));
}
