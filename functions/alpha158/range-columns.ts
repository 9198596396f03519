import { barsSinceMax, barsSinceMin, rollingOrder } from "quiver/kernels";
import { type BarSeries, TINY } from "./bar-series.ts";
import { type AlphaOutputs, WINDOWS } from "./columns.ts";

/** Columns of each window's highs and lows, when they occurred, and how its last close ranks among them and its closes. */
export function rangeColumns(series: BarSeries, out: AlphaOutputs): void {
  extremeColumns(series, out);
  orderColumns(series, out);
}

function extremeColumns({ high, low, close, perClose }: BarSeries, out: AlphaOutputs): void {
  const length = close.length;
  const highest = new Float64Array(length);
  const lowest = new Float64Array(length);
  const sinceHighest = new Float64Array(length);
  const sinceLowest = new Float64Array(length);
  for (const window of WINDOWS) {
    barsSinceMax(high, window, sinceHighest, { ties: "earliest", extremes: highest });
    barsSinceMin(low, window, sinceLowest, { ties: "earliest", extremes: lowest });
    const max = out[`max${window}`];
    const min = out[`min${window}`];
    const rsv = out[`rsv${window}`];
    const imax = out[`imax${window}`];
    const imin = out[`imin${window}`];
    const imxd = out[`imxd${window}`];
    for (let i = window - 1; i < length; i++) {
      const top = highest[i]!;
      const bottom = lowest[i]!;
      max[i] = top * perClose[i]!;
      min[i] = bottom * perClose[i]!;
      rsv[i] = (close[i]! - bottom) / (top - bottom + TINY);
      imax[i] = (window - sinceHighest[i]!) / window;
      imin[i] = (window - sinceLowest[i]!) / window;
      imxd[i] = (sinceLowest[i]! - sinceHighest[i]!) / window;
    }
  }
}

function orderColumns({ close, perClose }: BarSeries, out: AlphaOutputs): void {
  const length = close.length;
  const low = new Float64Array(length);
  const high = new Float64Array(length);
  const standing = new Float64Array(length);
  for (const window of WINDOWS) {
    rollingOrder(close, window, { low: { q: 0.2, out: low }, high: { q: 0.8, out: high }, rank: standing });
    const qtlu = out[`qtlu${window}`];
    const qtld = out[`qtld${window}`];
    const rank = out[`rank${window}`];
    for (let i = window - 1; i < length; i++) {
      qtlu[i] = high[i]! * perClose[i]!;
      qtld[i] = low[i]! * perClose[i]!;
      rank[i] = standing[i]!;
    }
  }
}
