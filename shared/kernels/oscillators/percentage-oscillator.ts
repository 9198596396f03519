import { requirePeriod, requireSameLength, stateOrFresh } from "../arguments.ts";
import { ema } from "../averages/ema.ts";
import { smoothingStateLength } from "../averages/smoothing.ts";
import type { StateOptions } from "../state-options.ts";

export interface PercentageOscillatorParams {
  /** Usually 12. */
  readonly fast: number;
  /** Usually 26. */
  readonly slow: number;
  /** Usually 9. */
  readonly signal: number;
}

/** Length of the state of `percentageOscillator`, in doubles: the states of its three averages. */
export const percentageOscillatorStateLength = 3 * smoothingStateLength;

/**
 * MACD in percent: `100 * (ema(fast) - ema(slow)) / ema(slow)`, its exponential average over `signal` bars, and the
 * difference of the two. Known as PPO when applied to prices and as PVO when applied to volumes.
 *
 * Seed: every average begins with the mean of the first values of what it smooths. Warm-up: null before index
 * `max(fast, slow) - 1`, signal and histogram until `signal - 1` bars later; the seeds change values by less than 1e-9
 * after about `12 * (slow + signal)` bars. Edge case: null where the slow average is zero; the signal skips such bars.
 * Nulls: a NaN or infinite value gives NaN at its bar, and the bar is otherwise skipped. Recursive: resumes bit for
 * bit from `state` (`percentageOscillatorStateLength`). One scratch array per call. Source: G. Appel's MACD divided by
 * its slow average; for volumes it agrees with Stock.Indicators' GetPvo.
 */
export function percentageOscillator(
  values: Float64Array,
  { fast, slow, signal }: PercentageOscillatorParams,
  out: Float64Array,
  signalOut: Float64Array,
  histogramOut: Float64Array,
  { state }: StateOptions = {},
): void {
  for (const [name, period] of Object.entries({ fast, slow, signal })) {
    requirePeriod("percentageOscillator", name, period);
  }
  requireSameLength("percentageOscillator", { out, signalOut, histogramOut }, values.length);
  const saved = stateOrFresh("percentageOscillator", state, percentageOscillatorStateLength);
  const average = (index: number) => ({
    state: saved.subarray(index * smoothingStateLength, (index + 1) * smoothingStateLength),
  });
  const slowMean = new Float64Array(values.length);
  ema(values, fast, out, average(0));
  ema(values, slow, slowMean, average(1));
  for (let i = 0; i < values.length; i++) {
    const mean = slowMean[i]!;
    out[i] = mean === 0 ? NaN : 100 * ((out[i]! - mean) / mean);
  }
  ema(out, signal, signalOut, average(2));
  for (let i = 0; i < values.length; i++) histogramOut[i] = out[i]! - signalOut[i]!;
}
