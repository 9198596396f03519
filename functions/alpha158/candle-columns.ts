import { type Bars, TINY } from "./bar-series.ts";
import type { AlphaOutputs } from "./columns.ts";

/** Columns of each candle's shape, and of its prices relative to its close. */
export function candleColumns({ open, high, low, close, vwap }: Bars, out: AlphaOutputs): void {
  const { kmid, klen, kmid2, kup, kup2, klow, klow2, ksft, ksft2, open0, high0, low0, vwap0 } = out;
  for (let i = 0; i < close.length; i++) {
    const first = open[i]!;
    const top = high[i]!;
    const bottom = low[i]!;
    const last = close[i]!;
    const perOpen = 1 / first;
    const perRange = 1 / (top - bottom + TINY);
    const perClose = 1 / last;
    const body = last - first;
    const upper = top - (first > last ? first : last);
    const lower = (first < last ? first : last) - bottom;
    const shift = 2 * last - top - bottom;
    kmid[i] = body * perOpen;
    klen[i] = (top - bottom) * perOpen;
    kmid2[i] = body * perRange;
    kup[i] = upper * perOpen;
    kup2[i] = upper * perRange;
    klow[i] = lower * perOpen;
    klow2[i] = lower * perRange;
    ksft[i] = shift * perOpen;
    ksft2[i] = shift * perRange;
    open0[i] = first * perClose;
    high0[i] = top * perClose;
    low0[i] = bottom * perClose;
    vwap0[i] = (vwap === undefined ? (top + bottom + last) / 3 : vwap[i]!) * perClose;
  }
}
