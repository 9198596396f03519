import { requirePeriod, requireSameLength, stateOrFresh } from "../arguments.ts";
import { rsi, rsiStateLength } from "../momentum/rsi.ts";
import type { StateOptions } from "../state-options.ts";
import { resumeWindow, resumeWindowStateLength } from "../windows/resume-window.ts";
import { presentValues, scatterPresent } from "./present-values.ts";
import { stochastic } from "./stochastic.ts";

export interface StochasticRsiParams {
  /** Number of bars of the RSI, usually 14. */
  readonly rsiPeriod: number;
  /** Number of bars of the RSI's range, usually 14. */
  readonly period: number;
  /** Number of bars over which the position in the range is averaged, usually 1 or 3. */
  readonly smooth: number;
  /** Number of bars of the signal line, usually 3. */
  readonly signal: number;
}

/**
 * Length of the state of `stochasticRsi`, in doubles: the state of the RSI, the number of its values so far, and the
 * last of them.
 */
export const stochasticRsiStateLength = (params: StochasticRsiParams): number =>
  rsiStateLength + 1 + resumeWindowStateLength(tailOf(params));

/**
 * Stochastic RSI: the stochastic oscillator with Wilder's RSI in place of high, low and close.
 *
 * Warm-up: null before index `rsiPeriod + period + smooth - 2`, the signal until `signal - 1` bars later; the seed of
 * the RSI changes values by less than 1e-9 after about `28 * rsiPeriod + period + smooth + signal` bars. Edge cases:
 * null while the average includes a window in which the RSI does not vary; bars at which the RSI is null (no movement
 * yet) are skipped. Nulls: a NaN or infinite value gives NaN at its bar, and the bar is otherwise skipped. Recursive:
 * resumes bit for bit from `state` (`stochasticRsiStateLength(params)`). Six scratch arrays per call. Source: T. S.
 * Chande and S. Kroll, The New Technical Trader, 1994; agrees with Stock.Indicators' GetStochRsi.
 */
export function stochasticRsi(
  close: Float64Array,
  params: StochasticRsiParams,
  out: Float64Array,
  signalOut: Float64Array,
  { state }: StateOptions = {},
): void {
  for (const [name, period] of Object.entries(params)) requirePeriod("stochasticRsi", name, period);
  requireSameLength("stochasticRsi", { out, signalOut }, close.length);
  const saved = stateOrFresh("stochasticRsi", state, stochasticRsiStateLength(params));
  rsi(close, params.rsiPeriod, signalOut, { state: saved.subarray(0, rsiStateLength) });
  const present = presentValues(signalOut);
  const joined = resumeWindow(present, tailOf(params), saved.subarray(rsiStateLength + 1));
  const ordinal = saved[rsiStateLength]! - (joined.length - present.length);
  saved[rsiStateLength]! += present.length;
  const dense = new Float64Array(joined.length);
  const denseSignal = new Float64Array(joined.length);
  stochastic(joined, joined, joined, params, dense, denseSignal, { ordinal });
  scatterPresent(dense, signalOut, out);
  scatterPresent(denseSignal, signalOut, signalOut);
}

function tailOf({ period, smooth, signal }: StochasticRsiParams): number {
  return period + smooth + signal - 3;
}
