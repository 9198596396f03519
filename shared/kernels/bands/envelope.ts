import { requirePeriod, requireSameLength } from "../arguments.ts";
import { firstBlock, type RollingOptions } from "../rolling/blocks.ts";
import { rollingMean } from "../rolling/rolling-mean.ts";

export interface EnvelopeParams {
  /** Number of bars of the mean in the middle. Usually 20. */
  readonly period: number;
  /** Distance of a band from the middle, in percent of the middle. Default 2.5. */
  readonly percent?: number | undefined;
}

/**
 * Moving average envelope: `middle` is the mean of the last `period` values; `upper` and `lower` lie `percent` percent
 * of it above and below.
 *
 * Warm-up: null before index `period - 1`. Nulls: null where the window holds one (strict). Finite: bits depend on the
 * window and on `ordinal`, see `RollingOptions`. Source: the usual definition; agrees with Stock.Indicators'
 * GetMaEnvelopes of a simple average.
 */
export function envelope(
  values: Float64Array,
  { period, percent = 2.5 }: EnvelopeParams,
  middle: Float64Array,
  upper: Float64Array,
  lower: Float64Array,
  { ordinal = 0 }: RollingOptions = {},
): void {
  requirePeriod("envelope", "period", period);
  firstBlock("envelope", ordinal, period);
  if (!(percent > 0 && percent < Infinity)) {
    throw new RangeError(`Cannot compute envelope: percent is ${percent}, expected a number above 0.`);
  }
  requireSameLength("envelope", { middle, upper, lower }, values.length);
  rollingMean(values, period, middle, { ordinal });
  for (let i = 0; i < values.length; i++) {
    const span = (middle[i]! * percent) / 100;
    upper[i] = middle[i]! + span;
    lower[i] = middle[i]! - span;
  }
}
