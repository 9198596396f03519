import type { Indicator, IndicatorColumns } from "./indicator.ts";

/** One symbol's bars as the libraries' documentation has them. */
export interface ArrayBars {
  readonly high: number[];
  readonly low: number[];
  readonly close: number[];
  readonly candles: { readonly high: number; readonly low: number; readonly close: number }[];
}

/** An indicator as its users write it; what it gave is made into columns only where values are compared. */
export type Library = Readonly<Record<Indicator, (bars: ArrayBars) => () => IndicatorColumns>>;

/** Bands as the libraries give them, row by row. */
export function bandColumns(
  rows: readonly ({ readonly middle: number; readonly upper: number; readonly lower: number } | null)[],
): IndicatorColumns {
  return {
    middle: rows.map((row) => row?.middle ?? null),
    upper: rows.map((row) => row?.upper ?? null),
    lower: rows.map((row) => row?.lower ?? null),
  };
}
