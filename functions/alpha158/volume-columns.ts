import { rollingMean, rollingStd } from "quiver/kernels";
import { type BarSeries, TINY } from "./bar-series.ts";
import { type AlphaOutputs, WINDOWS } from "./columns.ts";

/** Columns of each window's volume relative to the last bar's, and of how uneven its volume-weighted moves are. */
export function volumeColumns(
  { volume, perVolume, weightedMove }: BarSeries,
  ordinal: number,
  out: AlphaOutputs,
): void {
  const length = volume.length;
  const mean = new Float64Array(length);
  const deviation = new Float64Array(length);
  for (const window of WINDOWS) {
    rollingMean(volume, window, mean, { ordinal });
    rollingStd(volume, window, deviation, { ordinal, ddof: 1 });
    const vma = out[`vma${window}`];
    const vstd = out[`vstd${window}`];
    for (let i = window - 1; i < length; i++) {
      vma[i] = mean[i]! * perVolume[i]!;
      vstd[i] = deviation[i]! * perVolume[i]!;
    }
    rollingMean(weightedMove, window, mean, { ordinal });
    rollingStd(weightedMove, window, deviation, { ordinal, ddof: 1 });
    const wvma = out[`wvma${window}`];
    for (let i = window; i < length; i++) wvma[i] = deviation[i]! / (mean[i]! + TINY);
  }
}
