import { requirePeriod, requireSameLength, stateOrFresh } from "../arguments.ts";
import type { StateOptions } from "../state-options.ts";
import { trueRangeOf } from "./true-range.ts";

/**
 * Length of the state of `averageTrueRange`, in doubles: true ranges seen plus one (up to the seed), average, last
 * close.
 */
export const averageTrueRangeStateLength = 3;

/**
 * Average true range: Wilder's smoothing of the true range, `atr[t] = ((period - 1) * atr[t-1] + trueRange[t]) /
 * period`.
 *
 * Seed: the mean of the first `period` true ranges; the first bar has none. Warm-up: null before index `period`; the
 * seed changes values by less than 1e-9 (relative) after about `20.7 * period` bars (period 14: 290). Nulls: a bar
 * whose high, low or close is NaN or infinite gives NaN and is otherwise skipped: the next true range uses the last
 * close that was used. Recursive: resumes bit for bit from `state` (`averageTrueRangeStateLength`). Source: J. W.
 * Wilder, New Concepts in Technical Trading Systems, 1978; agrees with Stock.Indicators' GetAtr.
 */
export function averageTrueRange(
  high: Float64Array,
  low: Float64Array,
  close: Float64Array,
  period: number,
  out: Float64Array,
  { state }: StateOptions = {},
): void {
  const length = high.length;
  requirePeriod("averageTrueRange", "period", period);
  requireSameLength("averageTrueRange", { low, close, out }, length);
  const saved = stateOrFresh("averageTrueRange", state, averageTrueRangeStateLength);
  const alpha = 1 / period;
  const decay = 1 - alpha;
  let seen = saved[0]!;
  // Until the seed is complete this holds the sum of the true ranges, afterwards their average.
  let average = saved[1]!;
  let last = saved[2]!;
  let i = 0;
  for (; i < length && seen <= period; i++) {
    const bar = high[i]! + low[i]! + close[i]!;
    out[i] = NaN;
    if (bar - bar !== 0) continue;
    if (seen > 0) average += trueRangeOf(high[i]!, low[i]!, last);
    last = close[i]!;
    seen++;
    if (seen > period) {
      average /= period;
      out[i] = average;
    }
  }
  for (; i < length; i++) {
    const bar = high[i]! + low[i]! + close[i]!;
    if (bar - bar !== 0) {
      // Yields NaN without costing V8 a register (measured in momentum/rsi.ts).
      out[i] = bar - bar;
      continue;
    }
    average = decay * average + alpha * trueRangeOf(high[i]!, low[i]!, last);
    last = close[i]!;
    out[i] = average;
  }
  saved[0] = seen;
  saved[1] = average;
  saved[2] = last;
}
