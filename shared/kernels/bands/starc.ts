import { requireMultiplier, requirePeriod, requireSameLength, stateOrFresh } from "../arguments.ts";
import { rollingMean } from "../rolling/rolling-mean.ts";
import type { StateOptions } from "../state-options.ts";
import { averageTrueRange, averageTrueRangeStateLength } from "../volatility/average-true-range.ts";
import { resumeKernel, resumeKernelStateLength } from "../windows/resume-kernel.ts";

export interface StarcParams {
  /** Number of bars of the mean in the middle. Usually 5. */
  readonly period: number;
  /** Distance of a band from the middle, in average true ranges. Default 2. */
  readonly multiplier?: number | undefined;
  /** Number of bars of the average true range. Default 10. */
  readonly atrPeriod?: number | undefined;
}

export interface StarcOptions extends StateOptions {
  /** Absolute bar ordinal of row 0, see `RollingOptions`. Default 0. */
  readonly ordinal?: number | undefined;
}

/** Length of the state of `starc`, in doubles: its average true range, and the window's closes. */
export function starcStateLength(period: number): number {
  return averageTrueRangeStateLength + resumeKernelStateLength(1, period - 1);
}

/**
 * Stoller's average range channels: `middle` is the mean of the last `period` closes; `upper` and `lower` lie
 * `multiplier` average true ranges (Wilder's) from it.
 *
 * Warm-up: `middle` is null before index `period - 1`, the bands before the later of that and `atrPeriod`; the seed of
 * the range changes values by less than 1e-9 (relative) after about `20.7 * atrPeriod` bars (10: 208). Nulls: null
 * where the window's closes hold one; the bands also at a bar whose high or low is NaN or infinite, which the average
 * true range skips. Recursive: resumes bit for bit from `state` (`starcStateLength(period)`), given the same
 * `ordinal`. Source: M. Stoller, 1980s; agrees with Stock.Indicators' GetStarcBands.
 */
export function starc(
  high: Float64Array,
  low: Float64Array,
  close: Float64Array,
  { period, multiplier = 2, atrPeriod = 10 }: StarcParams,
  middle: Float64Array,
  upper: Float64Array,
  lower: Float64Array,
  { ordinal = 0, state }: StarcOptions = {},
): void {
  const length = high.length;
  requirePeriod("starc", "period", period);
  requirePeriod("starc", "atrPeriod", atrPeriod);
  requireMultiplier("starc", multiplier);
  requireSameLength("starc", { low, close, middle, upper, lower }, length);
  const saved = stateOrFresh("starc", state, starcStateLength(period));
  const tail = saved.subarray(averageTrueRangeStateLength);
  resumeKernel([close], period - 1, ordinal, tail, [middle], ([closes], [mean], first) =>
    rollingMean(closes!, period, mean!, { ordinal: first }),
  );
  averageTrueRange(high, low, close, atrPeriod, lower, { state: saved });
  for (let i = 0; i < length; i++) {
    const span = multiplier * lower[i]!;
    upper[i] = middle[i]! + span;
    lower[i] = middle[i]! - span;
  }
}
