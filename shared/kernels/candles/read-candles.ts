import { requirePeriod, requireSameLength } from "../arguments.ts";

/** Over how many bars before a bar its body and shadows are averaged. */
export interface CandlePeriods {
  /** For long, short, doji bodies and shadows. Default 10. */
  readonly period?: number | undefined;
  /** For what "near", "far" and "equal" prices are. Default 5. */
  readonly nearPeriod?: number | undefined;
}

/** Bars with what patterns look at, one element a bar; prices as they came. */
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
  /** `|close - open|`, and its upper and lower end. */
  readonly body: Float64Array;
  readonly top: Float64Array;
  readonly bottom: Float64Array;
  /** `high - top` and `bottom - low`. */
  readonly upper: Float64Array;
  readonly lower: Float64Array;
  /** Means over the `period` bars before: of bodies, of `high - low`, of both shadows together. */
  readonly bodyMean: Float64Array;
  readonly rangeMean: Float64Array;
  readonly shadowMean: Float64Array;
  /** Mean of `high - low` over the `nearPeriod` bars before. */
  readonly nearMean: Float64Array;
  /** How many bars up to and with this one have four prices, counted from the first row at most. */
  readonly complete: Float64Array;
}

/**
 * Reads bars as candles: colours, bodies, shadows, and their trailing means.
 *
 * A mean is over the bars *before* its bar, as in TA-Lib's candle settings, and is summed anew at each bar from the
 * oldest to the newest, so that its bits depend on those bars alone (TA-Lib keeps a running total; where a body equals
 * its mean exactly the two can differ in the last bit and so in the verdict). Allocates the arrays it returns.
 * Nulls: a bar with a null or infinite price ends the run of `complete` bars.
 * Source: TA-Lib's candle settings: body 10 bars, shadows 10, high - low 10, near, far and equal 5.
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
  requireSameLength("candles", "high", high, length);
  requireSameLength("candles", "low", low, length);
  requireSameLength("candles", "close", close, length);
  const column = () => new Float64Array(length);
  const color = new Int8Array(length);
  const [body, top, bottom, upper, lower] = [column(), column(), column(), column(), column()];
  const [bodyMean, rangeMean, shadowMean, nearMean] = [column(), column(), column(), column()];
  const [range, shadows, complete] = [column(), column(), column()];
  let run = 0;
  for (let i = 0; i < length; i++) {
    const [o, h, l, c] = [open[i]!, high[i]!, low[i]!, close[i]!];
    color[i] = c >= o ? 1 : -1;
    body[i] = Math.abs(c - o);
    top[i] = Math.max(o, c);
    bottom[i] = Math.min(o, c);
    upper[i] = h - top[i]!;
    lower[i] = bottom[i]! - l;
    range[i] = h - l;
    shadows[i] = upper[i]! + lower[i]!;
    const sum = o + h + l + c;
    run = sum - sum === 0 ? run + 1 : 0;
    complete[i] = run;
  }
  meanBefore(body, period, bodyMean);
  meanBefore(range, period, rangeMean);
  meanBefore(shadows, period, shadowMean);
  meanBefore(range, nearPeriod, nearMean);
  const prices = { open, high, low, close };
  const shape = { color, body, top, bottom, upper, lower };
  return {
    length,
    period,
    nearPeriod,
    ...prices,
    ...shape,
    bodyMean,
    rangeMean,
    shadowMean,
    nearMean,
    complete,
  };
}

/** Mean of the `period` values before each one; NaN where there are not so many. */
function meanBefore(values: Float64Array, period: number, out: Float64Array): void {
  out.fill(NaN, 0, period);
  for (let i = period; i < values.length; i++) {
    let sum = 0;
    for (let j = i - period; j < i; j++) sum += values[j]!;
    out[i] = sum / period;
  }
}
