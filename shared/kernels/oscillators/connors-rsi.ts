import { requirePeriod, requireSameLength, stateOrFresh } from "../arguments.ts";
import { rsi, rsiStateLength } from "../momentum/rsi.ts";
import { slideSorted } from "../rolling/ordered-window.ts";
import type { StateOptions } from "../state-options.ts";
import { resumeWindow, resumeWindowStateLength } from "../windows/resume-window.ts";
import { presentValues, scatterPresent } from "./present-values.ts";

export interface ConnorsRsiParams {
  /** Number of bars of the RSI of the values, usually 3. */
  readonly rsiPeriod: number;
  /** Number of bars of the RSI of the streak, usually 2. */
  readonly streakPeriod: number;
  /** Number of changes among which the last one is ranked, usually 100. */
  readonly rankPeriod: number;
}

const OWN = 3;

/**
 * Length of the state of `connorsRsi`, in doubles: whether a bar was seen, its value, the streak, the two RSI, the
 * last changes.
 */
export const connorsRsiStateLength = ({ rankPeriod }: ConnorsRsiParams): number =>
  OWN + 2 * rsiStateLength + resumeWindowStateLength(rankPeriod);

/**
 * Connors RSI: the mean of three numbers: the RSI of the values; the RSI of the streak (the number of consecutive bars
 * on which the value rose, negative when it fell, 0 when it did not change); and the percentage of the `rankPeriod`
 * relative changes before the current one that were smaller than it.
 *
 * Seed: both RSI are Wilder's; the streak begins with 0. Warm-up: null before index `max(rsiPeriod, streakPeriod,
 * rankPeriod + 1)`; the seeds change values by less than 1e-9 after about `rankPeriod + 25 * max(rsiPeriod,
 * streakPeriod)` bars. Edge case: null while one of the RSI is null because nothing has moved. Nulls: a NaN, infinite
 * or non-positive value gives NaN at its bar, and the bar is otherwise skipped. Recursive: resumes bit for bit from
 * `state` (`connorsRsiStateLength(params)`). Allocates scratch arrays per call. Source: L. Connors and C. Alvarez,
 * Connors Research 2012; agrees with Stock.Indicators' GetConnorsRsi.
 */
export function connorsRsi(
  values: Float64Array,
  params: ConnorsRsiParams,
  out: Float64Array,
  { state }: StateOptions = {},
): void {
  for (const [name, period] of Object.entries(params)) requirePeriod("connorsRsi", name, period);
  requireSameLength("connorsRsi", { out }, values.length);
  const saved = stateOrFresh("connorsRsi", state, connorsRsiStateLength(params));
  const price = new Float64Array(values.length);
  const streak = new Float64Array(values.length);
  const change = new Float64Array(values.length);
  takeStreaks(values, price, streak, change, saved);
  rsi(price, params.rsiPeriod, out, { state: saved.subarray(OWN, OWN + rsiStateLength) });
  rsi(streak, params.streakPeriod, price, {
    state: saved.subarray(OWN + rsiStateLength, OWN + 2 * rsiStateLength),
  });
  const tail = saved.subarray(OWN + 2 * rsiStateLength);
  const changes = resumeWindow(presentValues(change), params.rankPeriod, tail);
  scatterPresent(shareBelow(changes, params.rankPeriod), change, streak);
  for (let i = 0; i < values.length; i++) out[i] = (out[i]! + price[i]! + streak[i]!) / 3;
}

/** Collects values, streaks and relative changes of the bars whose value is above zero; NaN at the others. */
function takeStreaks(
  values: Float64Array,
  price: Float64Array,
  streak: Float64Array,
  change: Float64Array,
  state: Float64Array,
): void {
  let seen = state[0]!;
  let last = state[1]!;
  let run = state[2]!;
  for (let i = 0; i < values.length; i++) {
    const value = values[i]!;
    price[i] = streak[i] = change[i] = NaN;
    if (!(value > 0) || value === Infinity) continue;
    if (seen > 0) {
      const direction = Math.sign(value - last);
      // The streak continues if the direction has the same sign, and restarts if not.
      run = direction === 0 ? 0 : direction * run > 0 ? run + direction : direction;
      change[i] = (value - last) / last;
    }
    price[i] = value;
    streak[i] = run;
    last = value;
    seen = 1;
  }
  state[0] = seen;
  state[1] = last;
  state[2] = run;
}

/** Percentage of the `period` values before each value that are smaller; NaN while there are fewer values. */
function shareBelow(values: Float64Array, period: number): Float64Array {
  const shares = new Float64Array(values.length).fill(NaN);
  const sorted = new Float64Array(Math.min(period + 1, values.length + 1));
  for (let i = 0; i < values.length; i++) {
    const isFull = i >= period;
    const leaving = i > period ? values[i - period - 1]! : NaN;
    let below = slideSorted(sorted, Math.min(i, period + 1), leaving, values[i]!);
    while (below > 0 && sorted[below - 1] === values[i]) below--;
    if (isFull) shares[i] = (100 * below) / period;
  }
  return shares;
}
