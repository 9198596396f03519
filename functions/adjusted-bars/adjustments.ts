/** Factors by bar: prices are multiplied by one, share counts divided by the other. */
export interface Adjustments {
  readonly ofPrice: Float64Array;
  readonly ofShares: Float64Array;
}

interface Bars {
  readonly close: Float64Array;
  readonly adj_close?: Float64Array;
  readonly factor?: Float64Array;
}

interface FactorRows {
  readonly price_factor: Float64Array;
  readonly split_factor: Float64Array;
}

/**
 * Computes the adjustments of one symbol's bars.
 * - `adj_close`: adjusted close / raw close. It does not distinguish dividends from splits, so volume uses the same ratio.
 * - `factor`: the bar's factor / the factor of the last known bar.
 * - `factor-files`: price and split factor of the row that applies to the bar / those of the last known bar. Only splits
 *   change the number of shares.
 * Dividing by the last known bar's factor removes every later action, which nobody could have known. A symbol without
 * any factor keeps its prices, with a warning.
 */
export function adjustmentsOf(
  basis: "adj_close" | "factor" | "factor-files",
  bars: Bars,
  rows: FactorRows | undefined,
  warn: (message: string) => void,
): Adjustments {
  const length = bars.close.length;
  const ofPrice = new Float64Array(length).fill(NaN);
  const ofShares = new Float64Array(length).fill(NaN);
  if (basis === "adj_close" && bars.adj_close !== undefined) {
    for (let i = 0; i < length; i++) ofPrice[i] = bars.adj_close[i]! / bars.close[i]!;
    ofShares.set(ofPrice);
  } else if (basis === "factor" && bars.factor !== undefined) {
    const last = lastValue(bars.factor);
    for (let i = 0; i < length; i++) ofPrice[i] = bars.factor[i]! / last;
    ofShares.set(ofPrice);
  } else if (basis === "factor-files" && rows !== undefined) {
    if (length > 0 && Number.isNaN(lastValue(rows.price_factor))) {
      warn("No factor rows for a symbol: its prices are not adjusted");
    }
    // No action follows the bars after the last factor row: their factor is 1.
    const splits = rows.split_factor.map(orOne);
    const total = rows.price_factor.map((value, i) => orOne(value) * splits[i]!);
    const [lastTotal, lastSplit] = [lastValue(total), lastValue(splits)];
    for (let i = 0; i < length; i++) {
      ofPrice[i] = total[i]! / lastTotal;
      ofShares[i] = splits[i]! / lastSplit;
    }
  }
  return { ofPrice, ofShares };
}

function orOne(value: number): number {
  return value - value === 0 ? value : 1;
}

/** The last finite value; NaN when there is none. */
function lastValue(values: Float64Array): number {
  for (let i = values.length - 1; i >= 0; i--) {
    const value = values[i]!;
    if (value - value === 0) return value;
  }
  return NaN;
}
