import { requireMultiplier, requirePeriod, requireSameLength, stateOrFresh } from "../arguments.ts";
import { rollingMax } from "../rolling/rolling-max.ts";
import { rollingMin } from "../rolling/rolling-min.ts";
import type { StateOptions } from "../state-options.ts";
import { averageTrueRange, averageTrueRangeStateLength } from "../volatility/average-true-range.ts";
import { resumeKernel, resumeKernelStateLength } from "../windows/resume-kernel.ts";

export interface ChandelierParams {
  /** Number of bars for the highest high, the lowest low and the average true range. Usually 22. */
  readonly period: number;
  /** Distance from the extreme to the exit, in average true ranges. Default 3. */
  readonly multiplier?: number | undefined;
}

/** Length of the state of `chandelier`, in doubles: its average true range, and the window's highs and lows. */
export function chandelierStateLength(period: number): number {
  return averageTrueRangeStateLength + resumeKernelStateLength(2, period - 1);
}

/**
 * Chandelier exits: `long = highest high of period bars - multiplier * atr`, `short = lowest low + multiplier * atr`,
 * over windows that end with the current bar; `atr` is Wilder's over the same number of bars.
 *
 * Warm-up: null before index `period`; the seed of the average true range changes values by less than 1e-9 (relative)
 * after about `20.7 * period` bars (22: 456). Nulls: null where the window's highs (`long`) or lows (`short`) hold
 * one, and at a bar whose high, low or close is NaN or infinite, which the average true range skips. Recursive:
 * resumes bit for bit from `state` (`chandelierStateLength(period)`). One scratch array of the series' length. Source:
 * C. LeBeau, in A. Elder, Come Into My Trading Room, 2002; agrees with Stock.Indicators' GetChandelier.
 */
export function chandelier(
  high: Float64Array,
  low: Float64Array,
  close: Float64Array,
  { period, multiplier = 3 }: ChandelierParams,
  long: Float64Array,
  short: Float64Array,
  { state }: StateOptions = {},
): void {
  const length = high.length;
  requirePeriod("chandelier", "period", period);
  requireMultiplier("chandelier", multiplier);
  requireSameLength("chandelier", { low, close, long, short }, length);
  const saved = stateOrFresh("chandelier", state, chandelierStateLength(period));
  const extremes = saved.subarray(averageTrueRangeStateLength);
  resumeKernel([high, low], period - 1, 0, extremes, [long, short], ([highs, lows], [highest, lowest]) => {
    rollingMax(highs!, period, highest!);
    rollingMin(lows!, period, lowest!);
  });
  const range = new Float64Array(length);
  averageTrueRange(high, low, close, period, range, { state: saved });
  for (let i = 0; i < length; i++) {
    const span = multiplier * range[i]!;
    long[i]! -= span;
    short[i]! += span;
  }
}
