import { rollingLinearFit, rollingStd } from "quiver/kernels";
import type { BarSeries } from "./bar-series.ts";
import { type AlphaOutputs, WINDOWS } from "./columns.ts";

/** Columns of the closes in each window: change, mean, deviation, and the line through them. */
export function trendColumns({ close, perClose }: BarSeries, ordinal: number, out: AlphaOutputs): void {
  const length = close.length;
  const deviation = new Float64Array(length);
  const slope = new Float64Array(length);
  const intercept = new Float64Array(length);
  const rSquared = new Float64Array(length);
  for (const window of WINDOWS) {
    rollingStd(close, window, deviation, { ordinal, ddof: 1 });
    rollingLinearFit(close, window, slope, intercept, rSquared, { ordinal });
    const roc = out[`roc${window}`];
    const ma = out[`ma${window}`];
    const std = out[`std${window}`];
    const beta = out[`beta${window}`];
    const rsqr = out[`rsqr${window}`];
    const resi = out[`resi${window}`];
    for (let i = window - 1; i < length; i++) {
      const scale = perClose[i]!;
      // The line goes through the mean in the window's middle.
      ma[i] = (intercept[i]! + (slope[i]! * (window - 1)) / 2) * scale;
      std[i] = deviation[i]! * scale;
      beta[i] = slope[i]! * scale;
      rsqr[i] = rSquared[i]!;
      resi[i] = (close[i]! - (intercept[i]! + slope[i]! * (window - 1))) * scale;
    }
    for (let i = window; i < length; i++) roc[i] = close[i - window]! * perClose[i]!;
  }
}
