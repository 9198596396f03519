import { requirePeriod, requireSameLength } from "../arguments.ts";
import { shapeOf } from "./candle-shapes.ts";

/** The number of preceding bars over which bodies and shadows are averaged. */
export interface CandlePeriods {
  /** For long, short, doji bodies and shadows. Default 10. */
  readonly period?: number | undefined;
  /** For what "near", "far" and "equal" prices are. Default 5. */
  readonly nearPeriod?: number | undefined;
}

/** Bars with everything the patterns look at, one element per bar. Prices are as given. */
export interface Candles {
  readonly length: number;
  readonly period: number;
  readonly nearPeriod: number;
  readonly open: Float64Array;
  readonly high: Float64Array;
  readonly low: Float64Array;
  readonly close: Float64Array;
  /** 1 for white (close at or above the open), -1 for black. */
  readonly color: Int8Array;
  /** `|close - open|`, with its upper and lower end. */
  readonly body: Float64Array;
  readonly top: Float64Array;
  readonly bottom: Float64Array;
  /** The bar's properties, by itself and relative to the means over the `period` bars before, as bits (`shapeOf`). */
  readonly shape: Int32Array;
  /** Mean of `high - low` over the `nearPeriod` bars before. */
  readonly nearMean: Float64Array;
  /**
   * Number of consecutive bars with four prices up to and including this one, counted from the first row at the
   * earliest.
   */
  readonly complete: Int32Array;
}

/**
 * Reads bars as candles: colours, bodies, shadows, and their trailing means.
 *
 * A mean is over the bars *before* its bar, as in TA-Lib's candle settings, and is summed anew at each bar from the
 * oldest to the newest, so that its bits depend on those bars alone (TA-Lib keeps a running total; where a body
 * exactly equals its mean, the two can differ in the last bit and therefore in the verdict). Allocates the arrays it
 * returns. Nulls: a bar with a null or infinite price ends the run of `complete` bars. Source: TA-Lib's candle
 * settings: body 10 bars, shadows 10, high - low 10, near, far and equal 5.
 */
export function readCandles(
  open: Float64Array,
  high: Float64Array,
  low: Float64Array,
  close: Float64Array,
  { period = 10, nearPeriod = 5 }: CandlePeriods = {},
): Candles {
  requirePeriod("candles", "period", period);
  requirePeriod("candles", "nearPeriod", nearPeriod);
  const length = open.length;
  requireSameLength("candles", { high, low, close }, length);
  const color = new Int8Array(length);
  const shape = new Int32Array(length);
  const body = new Float64Array(length);
  const top = new Float64Array(length);
  const bottom = new Float64Array(length);
  const range = new Float64Array(length);
  const nearMean = new Float64Array(length);
  const complete = new Int32Array(length);
  let run = 0;
  for (let i = 0; i < length; i++) {
    const from = open[i]!;
    const to = close[i]!;
    color[i] = to >= from ? 1 : -1;
    body[i] = Math.abs(to - from);
    top[i] = to >= from ? to : from;
    bottom[i] = to >= from ? from : to;
    range[i] = high[i]! - low[i]!;
    const sum = body[i]! + range[i]!;
    run = sum - sum === 0 ? run + 1 : 0;
    complete[i] = run;
  }
  for (let i = 0; i < length; i++) {
    // Without enough earlier bars there are no means, and NaN sets none of the bits that need one.
    let bodies = i < period ? NaN : 0;
    let ranges = 0;
    if (i >= period) {
      for (let j = i - period; j < i; j++) {
        bodies += body[j]!;
        ranges += range[j]!;
      }
    }
    const upper = high[i]! - top[i]!;
    const lower = bottom[i]! - low[i]!;
    const bodyMean = bodies / period;
    const rangeMean = i < period ? NaN : ranges / period;
    // The part of a range outside the body is shadow.
    shape[i] = shapeOf(
      color[i]! > 0,
      body[i]!,
      upper,
      lower,
      bodyMean,
      rangeMean,
      (ranges - bodies) / period,
    );
  }
  meanBefore(range, nearPeriod, nearMean);
  return {
    length,
    period,
    nearPeriod,
    open,
    high,
    low,
    close,
    color,
    body,
    top,
    bottom,
    shape,
    nearMean,
    complete,
  };
}

/** Mean of the `period` values before each one; NaN while there are fewer. */
function meanBefore(values: Float64Array, period: number, out: Float64Array): void {
  out.fill(NaN, 0, period);
  for (let i = period; i < values.length; i++) {
    let sum = 0;
    for (let j = i - period; j < i; j++) sum += values[j]!;
    out[i] = sum / period;
  }
}
