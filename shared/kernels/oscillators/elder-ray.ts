import { requirePeriod, requireSameLength, stateOrFresh } from "../arguments.ts";
import { ema } from "../averages/ema.ts";
import { smoothingStateLength } from "../averages/smoothing.ts";
import type { StateOptions } from "../state-options.ts";

/** Length of the state of `elderRay`, in doubles: the state of its average. */
export const elderRayStateLength = smoothingStateLength;

/**
 * Elder's rays: bull power `high - ema(close, period)`, bear power `low - ema(close, period)`.
 *
 * Seed: the average begins with the mean of the first `period` closes. Warm-up: null before index `period - 1`; the
 * seed changes values by less than 1e-9 after about `13 * (period + 1)` bars. Nulls: a null or infinite close gives
 * NaN, and the bar is otherwise skipped; a null high or low makes only its own ray null. Recursive: resumes bit for
 * bit from `state` (`elderRayStateLength`). Source: A. Elder, Trading for a Living, 1993; agrees with
 * Stock.Indicators' GetElderRay.
 */
export function elderRay(
  high: Float64Array,
  low: Float64Array,
  close: Float64Array,
  period: number,
  bullOut: Float64Array,
  bearOut: Float64Array,
  { state }: StateOptions = {},
): void {
  requirePeriod("elderRay", "period", period);
  requireSameLength("elderRay", { low, close, bullOut, bearOut }, high.length);
  const saved = stateOrFresh("elderRay", state, elderRayStateLength);
  ema(close, period, bearOut, { state: saved });
  for (let i = 0; i < high.length; i++) {
    bullOut[i] = high[i]! - bearOut[i]!;
    bearOut[i] = low[i]! - bearOut[i]!;
  }
}
