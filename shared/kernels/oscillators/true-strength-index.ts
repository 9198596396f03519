import { requirePeriod, requireSameLength, stateOrFresh } from "../arguments.ts";
import { ema } from "../averages/ema.ts";
import { smoothingStateLength } from "../averages/smoothing.ts";
import type { StateOptions } from "../state-options.ts";

export interface TrueStrengthIndexParams {
  /** Number of bars of the first smoothing, usually 25. */
  readonly long: number;
  /** Number of bars of the second smoothing, usually 13. */
  readonly short: number;
  /** Number of bars of the signal line, usually 7. */
  readonly signal: number;
}

/**
 * Length of the state of `trueStrengthIndex`, in doubles: whether a bar was seen, its value, and the states of five
 * averages.
 */
export const trueStrengthIndexStateLength = 2 + 5 * smoothingStateLength;

/**
 * True strength index: `100 * ema(ema(change, long), short) / ema(ema(|change|, long), short)`, where `change` is the
 * change from one bar to the next; and the exponential average of the result over `signal` bars.
 *
 * Seed: every average begins with the mean of the first values of what it smooths. Warm-up: null before index `long +
 * short - 1`, the signal before `long + short + signal - 2`; the seeds change values by less than 1e-9 after about `12
 * * (long + short + signal)` bars. Edge case: null while nothing has moved since the averages began; the signal skips
 *   such bars. Nulls: a NaN or infinite value gives NaN at its bar, and the bar is otherwise skipped. Recursive:
 *   resumes bit for bit from `state` (`trueStrengthIndexStateLength`). Three scratch arrays per call. Source: W. Blau,
 *   True Strength Index, Stocks & Commodities 1991; agrees with Stock.Indicators' GetTsi.
 */
export function trueStrengthIndex(
  values: Float64Array,
  { long, short, signal }: TrueStrengthIndexParams,
  tsiOut: Float64Array,
  signalOut: Float64Array,
  { state }: StateOptions = {},
): void {
  requirePeriod("trueStrengthIndex", "long", long);
  requirePeriod("trueStrengthIndex", "short", short);
  requirePeriod("trueStrengthIndex", "signal", signal);
  requireSameLength("trueStrengthIndex", { tsiOut, signalOut }, values.length);
  const saved = stateOrFresh("trueStrengthIndex", state, trueStrengthIndexStateLength);
  const averages = Array.from({ length: 5 }, (_, index) => {
    const start = 2 + index * smoothingStateLength;
    return saved.subarray(start, start + smoothingStateLength);
  });
  const moved = new Float64Array(values.length);
  const distance = new Float64Array(values.length);
  const smoothed = new Float64Array(values.length);
  takeChanges(values, moved, distance, saved);
  ema(moved, long, smoothed, { state: averages[0] });
  ema(smoothed, short, moved, { state: averages[1] });
  ema(distance, long, smoothed, { state: averages[2] });
  ema(smoothed, short, distance, { state: averages[3] });
  for (let i = 0; i < values.length; i++) tsiOut[i] = 100 * (moved[i]! / distance[i]!);
  ema(tsiOut, signal, signalOut, { state: averages[4] });
}

/** Computes the changes between bars that have a value, and their magnitudes; NaN at a null bar and at the first. */
function takeChanges(
  values: Float64Array,
  moved: Float64Array,
  distance: Float64Array,
  state: Float64Array,
): void {
  let seen = state[0]!;
  let last = state[1]!;
  for (let i = 0; i < values.length; i++) {
    const value = values[i]!;
    if (value - value !== 0) {
      moved[i] = distance[i] = NaN;
      continue;
    }
    moved[i] = seen === 0 ? NaN : value - last;
    distance[i] = Math.abs(moved[i]!);
    last = value;
    seen = 1;
  }
  state[0] = seen;
  state[1] = last;
}
