import { requireMultiplier, requirePeriod, requireSameLength } from "../arguments.ts";
import { firstBlock } from "../rolling/blocks.ts";
import { channelWidth } from "./channel-width.ts";

export interface BollingerParams {
  /** Number of bars over which the mean and the deviation are taken. Usually 20. */
  readonly period: number;
  /** Distance of a band from the mean, in standard deviations. Default 2. */
  readonly multiplier?: number | undefined;
}

export interface BollingerOptions {
  /** If given, receives the position of the value: 0 at the lower band, 1 at the upper. */
  readonly percentB?: Float64Array | undefined;
  /** If given, receives the distance between the bands as a fraction of the middle. */
  readonly bandwidth?: Float64Array | undefined;
  /** Absolute bar ordinal of row 0, see `RollingOptions`. Default 0. */
  readonly ordinal?: number | undefined;
}

/**
 * Bollinger bands: `middle` is the mean of the last `period` values; `upper` and `lower` lie `multiplier` population
 * standard deviations (ddof 0) from it. `percentB = (value - lower) / (upper - lower)`, `bandwidth = (upper - lower) /
 * middle`.
 *
 * Zero variance: all three lines equal the value, bandwidth is 0 and percentB null. Bandwidth is null where the middle
 * is 0. Warm-up: null before index `period - 1`. Nulls: null where the window holds one (strict). Finite: bits depend
 * on the window and on `ordinal`, see `RollingOptions`. One scratch array of two numbers per bar of the window.
 * Source: J. Bollinger, Bollinger on Bollinger Bands, 2001; agrees with Stock.Indicators' GetBollingerBands.
 */
export function bollinger(
  values: Float64Array,
  { period, multiplier = 2 }: BollingerParams,
  middle: Float64Array,
  upper: Float64Array,
  lower: Float64Array,
  { percentB, bandwidth, ordinal = 0 }: BollingerOptions = {},
): void {
  requirePeriod("bollinger", "period", period);
  requireMultiplier("bollinger", multiplier);
  requireSameLength("bollinger", { middle, upper, lower, percentB, bandwidth }, values.length);
  meanAndBands(values, period, multiplier, ordinal, middle, upper, lower);
  if (percentB !== undefined) placeBetween(values, upper, lower, percentB);
  if (bandwidth !== undefined) channelWidth(middle, upper, lower, bandwidth);
}

/** Computes mean and deviation from distances to a bar in the window, as in `rollingVariance`. */
function meanAndBands(
  values: Float64Array,
  period: number,
  multiplier: number,
  ordinal: number,
  middle: Float64Array,
  upper: Float64Array,
  lower: Float64Array,
): void {
  const length = values.length;
  const first = firstBlock("bollinger", ordinal, period);
  for (const output of [middle, upper, lower]) output.fill(NaN, 0, period - 1);
  if (length < period) return;
  // For the previous block, from its bar `p` to its end: the sum of distances at `2p`, the sum of their squares at `2p
  // + 1`.
  const suffix = new Float64Array(2 * (period + 1));
  for (let start = first; start < length; start += period) {
    const origin = values[start]!;
    const before = start - period;
    let sum = 0;
    let squares = 0;
    for (let row = start - 1; row > before && row >= 0; row--) {
      const distance = values[row]! - origin;
      sum += distance;
      squares += distance * distance;
      suffix[2 * (row - before)] = sum;
      suffix[2 * (row - before) + 1] = squares;
    }
    const end = Math.min(start + period, length);
    sum = squares = 0;
    for (let row = start; row < end; row++) {
      const distance = values[row]! - origin;
      sum += distance;
      squares += distance * distance;
      if (row < period - 1) continue;
      const total = sum + suffix[2 * (row - start + 1)]!;
      const offset = total / period;
      const variance = (squares + suffix[2 * (row - start + 1) + 1]! - total * offset) / period;
      const mean = origin + offset;
      const span = multiplier * Math.sqrt(variance < 0 ? 0 : variance);
      middle[row] = mean;
      upper[row] = mean + span;
      lower[row] = mean - span;
    }
  }
}

function placeBetween(
  values: Float64Array,
  upper: Float64Array,
  lower: Float64Array,
  out: Float64Array,
): void {
  for (let i = 0; i < values.length; i++) {
    const width = upper[i]! - lower[i]!;
    out[i] = width > 0 ? (values[i]! - lower[i]!) / width : NaN;
  }
}
