import { seededRandom } from "./series.ts";

/** Bars as typed columns; null as NaN. */
export interface Bars {
  readonly open: Float64Array;
  readonly high: Float64Array;
  readonly low: Float64Array;
  readonly close: Float64Array;
}

const NAMES = ["open", "high", "low", "close"] as const;

/**
 * A random walk of bars with prices in cents, so that some are equal; a share of the bars has nulls in one to four
 * columns.
 */
export function madeBars(length: number, seed: number, nullShare = 0): Bars {
  const random = seededRandom(seed);
  const column = () => new Float64Array(length);
  const bars = { open: column(), high: column(), low: column(), close: column() };
  const cents = (price: number) => Math.round(price * 100) / 100;
  let price = 100;
  for (let i = 0; i < length; i++) {
    bars.open[i] = cents(price * (1 + (random() - 0.5) * 0.01));
    price *= 1 + (random() - 0.5) * 0.04;
    bars.close[i] = cents(price);
    bars.high[i] = cents(Math.max(bars.open[i]!, bars.close[i]!) * (1 + random() * 0.01));
    bars.low[i] = cents(Math.min(bars.open[i]!, bars.close[i]!) * (1 - random() * 0.01));
    if (random() >= nullShare) continue;
    const first = Math.floor(random() * 4);
    const count = 1 + Math.floor(random() * 4);
    for (const name of NAMES.slice(first, first + count)) bars[name][i] = NaN;
  }
  return bars;
}

export const cutBars = (bars: Bars, from: number, to: number): Bars => ({
  open: bars.open.subarray(from, to),
  high: bars.high.subarray(from, to),
  low: bars.low.subarray(from, to),
  close: bars.close.subarray(from, to),
});

export const mapBars = (bars: Bars, change: (value: number, row: number) => number): Bars => ({
  open: bars.open.map(change),
  high: bars.high.map(change),
  low: bars.low.map(change),
  close: bars.close.map(change),
});
