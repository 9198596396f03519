import { requireMultiplier, requirePeriod, requireSameLength, stateOrFresh } from "../arguments.ts";
import { ema } from "../averages/ema.ts";
import { type Seeding, smoothingStateLength } from "../averages/smoothing.ts";
import type { StateOptions } from "../state-options.ts";
import { averageTrueRange, averageTrueRangeStateLength } from "../volatility/average-true-range.ts";

export interface KeltnerParams {
  /** Number of bars of the exponential average in the middle. Usually 20. */
  readonly period: number;
  /** Distance of a band from the middle, in average true ranges. Default 2. */
  readonly multiplier?: number | undefined;
  /** Number of bars of the average true range. Default 10. */
  readonly atrPeriod?: number | undefined;
  /** How the average in the middle is seeded. Default `mean`. */
  readonly seeding?: Seeding | undefined;
}

/** Length of the state of `keltner`, in doubles: the states of `ema` and of `averageTrueRange`. */
export const keltnerStateLength = smoothingStateLength + averageTrueRangeStateLength;

/**
 * Keltner channels in their modern form: `middle` is the exponential average of the close; `upper` and `lower` lie
 * `multiplier` average true ranges (Wilder's) from it.
 *
 * Seed: as `ema` and `averageTrueRange`. Warm-up: `middle` is null before index `period - 1` (none with `first`), the
 * bands before the later of that and `atrPeriod`; the seeds change values by less than 1e-9 (relative) after about the
 * larger of `10.4 * (period + 1)` and `20.7 * atrPeriod` bars (20 and 10: 218). Nulls: a NaN or infinite close gives
 * NaN in all three, a NaN or infinite high or low in the bands; the bar is otherwise skipped. Recursive: resumes bit
 * for bit from `state` (`keltnerStateLength`). Source: C. Keltner, 1960, in the form of L. Raschke; agrees with
 * Stock.Indicators' GetKeltner, which also leaves the middle null until the bands begin.
 */
export function keltner(
  high: Float64Array,
  low: Float64Array,
  close: Float64Array,
  { period, multiplier = 2, atrPeriod = 10, seeding = "mean" }: KeltnerParams,
  middle: Float64Array,
  upper: Float64Array,
  lower: Float64Array,
  { state }: StateOptions = {},
): void {
  const length = high.length;
  requirePeriod("keltner", "period", period);
  requirePeriod("keltner", "atrPeriod", atrPeriod);
  requireMultiplier("keltner", multiplier);
  requireSameLength("keltner", { low, close, middle, upper, lower }, length);
  const saved = stateOrFresh("keltner", state, keltnerStateLength);
  ema(close, period, middle, { seeding, state: saved.subarray(0, smoothingStateLength) });
  averageTrueRange(high, low, close, atrPeriod, lower, { state: saved.subarray(smoothingStateLength) });
  for (let i = 0; i < length; i++) {
    const span = multiplier * lower[i]!;
    upper[i] = middle[i]! + span;
    lower[i] = middle[i]! - span;
  }
}
