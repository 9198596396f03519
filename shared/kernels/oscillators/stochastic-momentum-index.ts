import { requirePeriod, requireSameLength, stateOrFresh } from "../arguments.ts";
import { ema } from "../averages/ema.ts";
import { smoothingStateLength } from "../averages/smoothing.ts";
import { rollingMax } from "../rolling/rolling-max.ts";
import { rollingMin } from "../rolling/rolling-min.ts";
import type { StateOptions } from "../state-options.ts";
import { resumeWindow, resumeWindowStateLength } from "../windows/resume-window.ts";
import { presentValues, scatterPresent } from "./present-values.ts";

export interface StochasticMomentumIndexParams {
  /** Number of bars of the range, usually 13. */
  readonly period: number;
  /** Number of bars of the first smoothing, usually 25. */
  readonly first: number;
  /** Number of bars of the second smoothing, usually 2. */
  readonly second: number;
  /** Number of bars of the signal line, usually 3. */
  readonly signal: number;
}

const AVERAGES = 5 * smoothingStateLength;

/**
 * Length of the state of `stochasticMomentumIndex`, in doubles: the states of five averages, and the last highs and
 * lows.
 */
export const stochasticMomentumIndexStateLength = (params: StochasticMomentumIndexParams): number =>
  AVERAGES + 2 * resumeWindowStateLength(params.period - 1);

/**
 * Stochastic momentum index: `100 * s(close - middle of the range) / (s(range) / 2)` over the highest high and lowest
 * low of `period` bars, where `s` is an exponential average of an exponential average; and the exponential average of
 * the result.
 *
 * Seed: every average begins with the first value of what it smooths. Warm-up: null before index `period - 1`; the
 * seeds change values by less than 1e-9 after about `period + 12 * (first + second + signal)` bars. Edge case: null
 * until there has been a range; the signal skips such bars. Nulls: a bar whose high, low or close is NaN or infinite
 * gives NaN and is otherwise skipped. Recursive: resumes bit for bit from `state`
 * (`stochasticMomentumIndexStateLength(params)`). Allocates scratch arrays per call. Source: W. Blau, Stochastic
 * Momentum, Stocks & Commodities 1993; agrees with Stock.Indicators' GetSmi.
 */
export function stochasticMomentumIndex(
  high: Float64Array,
  low: Float64Array,
  close: Float64Array,
  params: StochasticMomentumIndexParams,
  out: Float64Array,
  signalOut: Float64Array,
  { state }: StateOptions = {},
): void {
  for (const [name, period] of Object.entries(params)) requirePeriod("stochasticMomentumIndex", name, period);
  requireSameLength("stochasticMomentumIndex", { low, close, out, signalOut }, high.length);
  const saved = stateOrFresh("stochasticMomentumIndex", state, stochasticMomentumIndexStateLength(params));
  const average = (index: number) => ({
    seeding: "first" as const,
    state: saved.subarray(index * smoothingStateLength, (index + 1) * smoothingStateLength),
  });
  const distance = new Float64Array(high.length);
  const range = new Float64Array(high.length);
  placeInRange(high, low, close, params.period, distance, range, saved.subarray(AVERAGES));
  ema(distance, params.first, out, average(0));
  ema(out, params.second, distance, average(1));
  ema(range, params.first, out, average(2));
  ema(out, params.second, range, average(3));
  for (let i = 0; i < high.length; i++) {
    out[i] = range[i]! > 0 ? 100 * (distance[i]! / (range[i]! / 2)) : NaN;
  }
  ema(out, params.signal, signalOut, average(4));
}

/** Computes the distance of the close from the middle of the range, and the range; NaN at a null bar. */
function placeInRange(
  high: Float64Array,
  low: Float64Array,
  close: Float64Array,
  period: number,
  distance: Float64Array,
  range: Float64Array,
  state: Float64Array,
): void {
  const tail = resumeWindowStateLength(period - 1);
  const whole = new Float64Array(high.length);
  for (let i = 0; i < high.length; i++) {
    const sum = high[i]! + low[i]! + close[i]!;
    whole[i] = sum - sum;
    distance[i] = high[i]! + whole[i]!;
    range[i] = low[i]! + whole[i]!;
  }
  const highs = resumeWindow(presentValues(distance), period - 1, state.subarray(0, tail));
  const lows = resumeWindow(presentValues(range), period - 1, state.subarray(tail));
  const highest = new Float64Array(highs.length);
  const lowest = new Float64Array(lows.length);
  rollingMax(highs, period, highest);
  rollingMin(lows, period, lowest);
  scatterPresent(highest, whole, distance);
  scatterPresent(lowest, whole, range);
  for (let i = 0; i < high.length; i++) {
    const middle = (distance[i]! + range[i]!) / 2;
    range[i] = distance[i]! - range[i]!;
    distance[i] = close[i]! - middle;
  }
}
