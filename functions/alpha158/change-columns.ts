import { rollingCorrelation, rollingSum } from "quiver/kernels";
import { type BarSeries, TINY } from "./bar-series.ts";
import { type AlphaOutputs, WINDOWS } from "./columns.ts";

/** Columns of each window's bar-to-bar changes: how many rose and fell, by how much, and how volume moved with them. */
export function changeColumns(series: BarSeries, ordinal: number, out: AlphaOutputs): void {
  const length = series.close.length;
  const up = new Float64Array(length);
  const down = new Float64Array(length);
  for (const window of WINDOWS) {
    rollingSum(series.rose, window, up, { ordinal });
    rollingSum(series.fell, window, down, { ordinal });
    const cntp = out[`cntp${window}`];
    const cntn = out[`cntn${window}`];
    const cntd = out[`cntd${window}`];
    for (let i = window; i < length; i++) {
      cntp[i] = up[i]! / window;
      cntn[i] = down[i]! / window;
      cntd[i] = (up[i]! - down[i]!) / window;
    }
    rollingSum(series.gain, window, up, { ordinal });
    rollingSum(series.loss, window, down, { ordinal });
    shares(up, down, window, out[`sump${window}`], out[`sumn${window}`], out[`sumd${window}`]);
    rollingSum(series.volumeGain, window, up, { ordinal });
    rollingSum(series.volumeLoss, window, down, { ordinal });
    shares(up, down, window, out[`vsump${window}`], out[`vsumn${window}`], out[`vsumd${window}`]);
    rollingCorrelation(series.close, series.logVolume, window, up, { ordinal });
    rollingCorrelation(series.closeRatio, series.logVolumeRatio, window, down, { ordinal });
    out[`corr${window}`].set(up);
    out[`cord${window}`].set(down);
  }
}

/** Rises and falls as shares of the sum of absolute changes, which is the sum of both. */
function shares(
  up: Float64Array,
  down: Float64Array,
  window: number,
  rising: Float32Array,
  falling: Float32Array,
  difference: Float32Array,
): void {
  for (let i = window; i < up.length; i++) {
    const scale = 1 / (up[i]! + down[i]! + TINY);
    rising[i] = up[i]! * scale;
    falling[i] = down[i]! * scale;
    difference[i] = (up[i]! - down[i]!) * scale;
  }
}
