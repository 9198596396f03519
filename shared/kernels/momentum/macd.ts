import { requirePeriod, requireSameLength, stateOrFresh } from "../arguments.ts";
import type { Seeding } from "../averages/smoothing.ts";
import type { StateOptions } from "../state-options.ts";

export interface MacdParams {
  /** Usually 12. */
  readonly fast: number;
  /** Usually 26. */
  readonly slow: number;
  /** Usually 9. */
  readonly signal: number;
  /** How the three averages are seeded. Default `mean`. */
  readonly seeding?: Seeding | undefined;
}

/** Length of the state of `macd`, in doubles: bars seen (up to the seeds), fast, slow, signal. */
export const macdStateLength = 4;

/**
 * Moving average convergence divergence: `macd = ema(close, fast) - ema(close, slow)`, `signal` is the exponential
 * average of `macd`, and `histogram = macd - signal`.
 *
 * Seed: each average begins with the mean of its first values (default; the signal with the mean of the first `signal`
 * values of `macd`), or with the first value (`seeding: "first"`, as pandas' `ewm(adjust=False)`). Warm-up: `mean` has
 * `macd` from index `slow - 1` (the longer of the two), signal and histogram from `slow + signal - 2`; `first` has all
 * three from index 0. The two differ early (12/26/9 on a real series at bar 33: 2.2025 and 2.1213) and agree to six
 * digits from about bar 200, to 1e-9 relative from about bar 290. Nulls: a NaN or infinite value gives NaN at its bar,
 * and the bar is otherwise skipped. Recursive: resumes bit for bit from `state` (`macdStateLength`). Source: G. Appel,
 * The Moving Average Convergence Divergence Trading Method, 1979; `mean` agrees with Stock.Indicators' GetMacd.
 */
export function macd(
  close: Float64Array,
  { fast, slow, signal, seeding = "mean" }: MacdParams,
  macdOut: Float64Array,
  signalOut: Float64Array,
  histogramOut: Float64Array,
  { state }: StateOptions = {},
): void {
  requirePeriod("macd", "fast", fast);
  requirePeriod("macd", "slow", slow);
  requirePeriod("macd", "signal", signal);
  requireSameLength("macd", { macdOut, signalOut, histogramOut }, close.length);
  const saved = stateOrFresh("macd", state, macdStateLength);
  const warm = seedMacd(close, fast, slow, signal, seeding, macdOut, signalOut, histogramOut, saved);
  runMacd(close, warm, fast, slow, signal, macdOut, signalOut, histogramOut, saved);
}

/** Processes bars until all three averages are seeded; returns the index of the first bar after that. */
function seedMacd(
  close: Float64Array,
  fast: number,
  slow: number,
  signal: number,
  seeding: Seeding,
  macdOut: Float64Array,
  signalOut: Float64Array,
  histogramOut: Float64Array,
  state: Float64Array,
): number {
  const fastSeed = seeding === "first" ? 1 : fast;
  const slowSeed = seeding === "first" ? 1 : slow;
  const signalSeed = seeding === "first" ? 1 : signal;
  const beforeMacd = Math.max(fastSeed, slowSeed) - 1;
  const beforeSignal = beforeMacd + signalSeed - 1;
  let seen = state[0]!;
  let i = 0;
  for (; i < close.length && seen <= beforeSignal; i++) {
    const value = close[i]!;
    macdOut[i] = signalOut[i] = histogramOut[i] = NaN;
    if (value - value !== 0) continue;
    state[1] = seedOrSmooth(state[1]!, value, seen, fastSeed, 2 / (fast + 1));
    state[2] = seedOrSmooth(state[2]!, value, seen, slowSeed, 2 / (slow + 1));
    if (seen >= beforeMacd) {
      const difference = state[1] - state[2];
      macdOut[i] = difference;
      state[3] = seedOrSmooth(state[3]!, difference, seen - beforeMacd, signalSeed, 2 / (signal + 1));
      if (seen === beforeSignal) {
        signalOut[i] = state[3];
        histogramOut[i] = difference - state[3];
      }
    }
    seen++;
  }
  state[0] = seen;
  return i;
}

/**
 * One step of an average that has seen `seen` values: a sum at first, its mean once the seed is complete, then
 * smoothing.
 */
function seedOrSmooth(
  average: number,
  value: number,
  seen: number,
  seedCount: number,
  alpha: number,
): number {
  if (seen >= seedCount) return (1 - alpha) * average + alpha * value;
  const sum = average + value;
  return seen === seedCount - 1 ? sum / seedCount : sum;
}

/** The steady state, from index `start` on: three chains of one multiplication and one addition per bar. */
function runMacd(
  close: Float64Array,
  start: number,
  fast: number,
  slow: number,
  signal: number,
  macdOut: Float64Array,
  signalOut: Float64Array,
  histogramOut: Float64Array,
  state: Float64Array,
): void {
  const fastAlpha = 2 / (fast + 1);
  const slowAlpha = 2 / (slow + 1);
  const signalAlpha = 2 / (signal + 1);
  const fastDecay = 1 - fastAlpha;
  const slowDecay = 1 - slowAlpha;
  const signalDecay = 1 - signalAlpha;
  let fastMean = state[1]!;
  let slowMean = state[2]!;
  let signalMean = state[3]!;
  for (let i = start; i < close.length; i++) {
    const value = close[i]!;
    if (value - value !== 0) {
      // Yields NaN without costing V8 a register (measured in momentum/rsi.ts).
      macdOut[i] = signalOut[i] = histogramOut[i] = value - value;
      continue;
    }
    fastMean = fastDecay * fastMean + fastAlpha * value;
    slowMean = slowDecay * slowMean + slowAlpha * value;
    const difference = fastMean - slowMean;
    signalMean = signalDecay * signalMean + signalAlpha * difference;
    macdOut[i] = difference;
    signalOut[i] = signalMean;
    histogramOut[i] = difference - signalMean;
  }
  state[1] = fastMean;
  state[2] = slowMean;
  state[3] = signalMean;
}
