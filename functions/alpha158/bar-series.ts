import { log } from "quiver/kernels";

/** The columns that the group reads; `vwap` only if the dataset has one and it was chosen. */
export interface Bars {
  readonly open: Float64Array;
  readonly high: Float64Array;
  readonly low: Float64Array;
  readonly close: Float64Array;
  readonly volume: Float64Array;
  readonly vwap?: Float64Array | undefined;
}

/** Series that several windows share, computed once. Those that need the bar before are null at the first bar. */
export interface BarSeries extends Bars {
  /** `1 / close`. */
  readonly perClose: Float64Array;
  /** `1 / (volume + 1e-12)`. */
  readonly perVolume: Float64Array;
  /** `ln(volume + 1)`. */
  readonly logVolume: Float64Array;
  /** `close / close before`. */
  readonly closeRatio: Float64Array;
  /** `ln(volume / volume before + 1)`; null after a bar without volume. */
  readonly logVolumeRatio: Float64Array;
  /** `max(close - close before, 0)`; `loss` is `max(close before - close, 0)`. */
  readonly gain: Float64Array;
  readonly loss: Float64Array;
  readonly volumeGain: Float64Array;
  readonly volumeLoss: Float64Array;
  /** 1 if the close rose, else 0; `fell` is 1 if it fell. */
  readonly rose: Float64Array;
  readonly fell: Float64Array;
  /** `|close / close before - 1| * volume`. */
  readonly weightedMove: Float64Array;
}

/** Added to divisors, as Qlib does, so that a quotient by zero stays finite. */
export const TINY = 1e-12;

/** Computes the series from the bars, in two passes. */
export function barSeries(bars: Bars): BarSeries {
  const length = bars.close.length;
  const block = new Float64Array(12 * length);
  let next = 0;
  const series = () => block.subarray(length * next++, length * next);
  const made: BarSeries = {
    ...bars,
    perClose: series(),
    perVolume: series(),
    logVolume: series(),
    closeRatio: series(),
    logVolumeRatio: series(),
    gain: series(),
    loss: series(),
    volumeGain: series(),
    volumeLoss: series(),
    rose: series(),
    fell: series(),
    weightedMove: series(),
  };
  ofBars(bars, made);
  ofChanges(bars, made);
  return made;
}

function ofBars({ close, volume }: Bars, { perClose, perVolume, logVolume }: BarSeries): void {
  for (let i = 0; i < close.length; i++) {
    perClose[i] = 1 / close[i]!;
    perVolume[i] = 1 / (volume[i]! + TINY);
    logVolume[i] = log(volume[i]! + 1);
  }
}

function ofChanges({ close, volume }: Bars, series: BarSeries): void {
  const { closeRatio, logVolumeRatio, gain, loss, volumeGain, volumeLoss, rose, fell, weightedMove } = series;
  let closeBefore = NaN;
  let volumeBefore = NaN;
  for (let i = 0; i < close.length; i++) {
    const price = close[i]!;
    const traded = volume[i]!;
    const change = price - closeBefore;
    const volumeChange = traded - volumeBefore;
    const ratio = price / closeBefore;
    closeRatio[i] = ratio;
    logVolumeRatio[i] = volumeBefore > 0 ? log(traded / volumeBefore + 1) : NaN;
    // The positive and the negative part of the change: exact, and null if the change is null.
    gain[i] = (Math.abs(change) + change) / 2;
    loss[i] = (Math.abs(change) - change) / 2;
    volumeGain[i] = (Math.abs(volumeChange) + volumeChange) / 2;
    volumeLoss[i] = (Math.abs(volumeChange) - volumeChange) / 2;
    // A null change gives null, because NaN - NaN is NaN.
    rose[i] = change > 0 ? 1 : change - change;
    fell[i] = change < 0 ? 1 : change - change;
    weightedMove[i] = Math.abs(ratio - 1) * traded;
    closeBefore = price;
    volumeBefore = traded;
  }
}
