import { bitsOf, seededRandom } from "../series.ts";

export interface Bars {
  readonly high: Float64Array;
  readonly low: Float64Array;
  readonly close: Float64Array;
}

/** A random walk of bars; some of them have a null in one of the three columns. */
export function barsWalk(length: number, seed: number, nullShare = 0): Bars {
  const random = seededRandom(seed);
  const column = () => new Float64Array(length);
  const bars = { high: column(), low: column(), close: column() };
  const columns = [bars.high, bars.low, bars.close];
  let price = 100;
  for (let i = 0; i < length; i++) {
    price *= 1 + (random() - 0.5) * 0.04;
    bars.close[i] = price;
    bars.high[i] = price * (1 + random() * 0.01);
    bars.low[i] = price * (1 - random() * 0.01);
    if (random() < nullShare) columns[Math.floor(random() * 3)]![i] = NaN;
  }
  return bars;
}

export const cutBars = ({ high, low, close }: Bars, from: number, to?: number): Bars => ({
  high: high.subarray(from, to),
  low: low.subarray(from, to),
  close: close.subarray(from, to),
});

/** The bits of several outputs one after the other, from a row on. */
export const allBits = (outputs: readonly Float64Array[], from = 0): string[][] =>
  outputs.map((output) => bitsOf(output.subarray(from)));
