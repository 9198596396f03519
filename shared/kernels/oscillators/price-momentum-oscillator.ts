import { requirePeriod, requireSameLength, stateOrFresh } from "../arguments.ts";
import { ema } from "../averages/ema.ts";
import { smooth, smoothingStateLength } from "../averages/smoothing.ts";
import type { StateOptions } from "../state-options.ts";

export interface PriceMomentumOscillatorParams {
  /** Number of bars of the first smoothing, usually 35. */
  readonly first: number;
  /** Number of bars of the second smoothing, usually 20. */
  readonly second: number;
  /** Number of bars of the signal line, usually 10. */
  readonly signal: number;
}

/**
 * Length of the state of `priceMomentumOscillator`, in doubles: whether a bar was seen, its value, and the states of
 * three averages.
 */
export const priceMomentumOscillatorStateLength = 2 + 3 * smoothingStateLength;

/**
 * Price momentum oscillator: ten times the percentage change between consecutive bars, smoothed with `2 / first` and
 * then with `2 / second` (not `2 / (n + 1)` as in an exponential average); and the exponential average of the result
 * over `signal` bars.
 *
 * Seed: every smoothing begins with the mean of the first values of what it smooths. Warm-up: null before index `first
 * + second - 1`, the signal before `first + second + signal - 2`; the seeds change values by less than 1e-9 after
 * about `12 * (first + second + signal)` bars. Nulls: a NaN, infinite or zero value gives NaN at its bar, and the bar
 * is otherwise skipped. Recursive: resumes bit for bit from `state` (`priceMomentumOscillatorStateLength`). Two
 * scratch arrays per call. Source: C. Swenlin, DecisionPoint; agrees with Stock.Indicators' GetPmo.
 */
export function priceMomentumOscillator(
  values: Float64Array,
  { first, second, signal }: PriceMomentumOscillatorParams,
  out: Float64Array,
  signalOut: Float64Array,
  { state }: StateOptions = {},
): void {
  requirePeriod("priceMomentumOscillator", "first", first, 2);
  requirePeriod("priceMomentumOscillator", "second", second, 2);
  requirePeriod("priceMomentumOscillator", "signal", signal);
  requireSameLength("priceMomentumOscillator", { out, signalOut }, values.length);
  const saved = stateOrFresh("priceMomentumOscillator", state, priceMomentumOscillatorStateLength);
  const [once, twice, line] = [0, 1, 2].map((index) =>
    saved.subarray(2 + index * smoothingStateLength, 2 + (index + 1) * smoothingStateLength),
  );
  const moved = new Float64Array(values.length);
  const smoothed = new Float64Array(values.length);
  let seen = saved[0]!;
  let last = saved[1]!;
  for (let i = 0; i < values.length; i++) {
    const value = values[i]!;
    moved[i] = NaN;
    if (value - value !== 0 || value === 0) continue;
    if (seen > 0) moved[i] = 1_000 * ((value - last) / last);
    seen = 1;
    last = value;
  }
  saved[0] = seen;
  saved[1] = last;
  smooth(moved, first, 2 / first, "mean", smoothed, once!);
  smooth(smoothed, second, 2 / second, "mean", out, twice!);
  ema(out, signal, signalOut, { state: line });
}
