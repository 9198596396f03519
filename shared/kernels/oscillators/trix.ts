import { requirePeriod, requireSameLength, stateOrFresh } from "../arguments.ts";
import type { StateOptions } from "../state-options.ts";

/** Length of the state of `trix`, in doubles: bars seen (up to the seed), the three averages. */
export const trixStateLength = 4;

/**
 * TRIX: the percentage change, from one bar to the next, of a value that was smoothed three times by an exponential
 * average (`2 / (period + 1)`).
 *
 * Seed: all three averages begin at bar `period - 1` with the mean of the first `period` values. (TA-Lib seeds each
 * with the mean of the first values of the one before, and begins `2 * (period - 1)` bars later; the two agree to 1e-9
 * relative once the seeds no longer matter.) Warm-up: null before index `period`; the seed changes values by less than
 * 1e-9 after about `17 * (period + 1)` bars. Nulls: a NaN or infinite value gives NaN at its bar, and the bar is
 * otherwise skipped; an average of zero gives NaN at the bar after it. Recursive: resumes bit for bit from `state`
 * (`trixStateLength`). Source: J. K. Hutson, Good TRIX, Stocks & Commodities 1983; agrees with Stock.Indicators'
 * GetTrix.
 */
export function trix(
  values: Float64Array,
  period: number,
  out: Float64Array,
  { state }: StateOptions = {},
): void {
  requirePeriod("trix", "period", period);
  requireSameLength("trix", { out }, values.length);
  const saved = stateOrFresh("trix", state, trixStateLength);
  const alpha = 2 / (period + 1);
  const decay = 1 - alpha;
  let seen = saved[0]!;
  // Until the seed is complete, the first average holds the sum of the values seen.
  let once = saved[1]!;
  let twice = saved[2]!;
  let thrice = saved[3]!;
  for (let i = 0; i < values.length; i++) {
    const value = values[i]!;
    if (value - value !== 0) {
      out[i] = NaN;
      continue;
    }
    if (seen < period) {
      out[i] = NaN;
      once += value;
      seen++;
      if (seen === period) once = twice = thrice = once / period;
      continue;
    }
    const before = thrice;
    once = decay * once + alpha * value;
    twice = decay * twice + alpha * once;
    thrice = decay * thrice + alpha * twice;
    out[i] = before === 0 ? NaN : 100 * ((thrice - before) / before);
  }
  saved[0] = seen;
  saved[1] = once;
  saved[2] = twice;
  saved[3] = thrice;
}
