import { requirePeriod, requireSameLength, stateOrFresh } from "../arguments.ts";
import { seedCascade } from "./seed-cascade.ts";
import type { SmoothingOptions } from "./smoothing.ts";

/** Length of the state of `dema`, in doubles: values seen (up to the seed) and two averages. */
export const demaStateLength = 3;

/**
 * Double exponential moving average: `2 * e1 - e2`, where `e1` is the exponential average of the values with `a = 2 /
 * (period + 1)` and `e2` that of `e1`.
 *
 * Seed: both averages start together at the mean of the first `period` values (default), or at the first value
 * (`seeding: "first"`). TA-Lib seeds `e2` with a mean of `e1` and therefore begins `period - 1` bars later; after the
 * warm-up the two agree. Warm-up: null before index `period - 1` (none with `first`); the seed changes values by less
 * than 1e-9 (relative) after about `11.9 * (period + 1)` bars. Nulls: a NaN or infinite value gives NaN at its bar,
 * and the bar is otherwise skipped. Recursive: resumes bit for bit from `state` (`demaStateLength`). Source: P.
 * Mulloy, Smoothing Data with Faster Moving Averages, 1994; agrees with Stock.Indicators' GetDema.
 */
export function dema(
  values: Float64Array,
  period: number,
  out: Float64Array,
  { seeding = "mean", state }: SmoothingOptions = {},
): void {
  requirePeriod("dema", "period", period);
  requireSameLength("dema", { out }, values.length);
  const saved = stateOrFresh("dema", state, demaStateLength);
  const start = seedCascade(values, period, seeding, 2, out, saved);
  const alpha = 2 / (period + 1);
  const decay = 1 - alpha;
  let first = saved[1]!;
  let second = saved[2]!;
  for (let i = start; i < values.length; i++) {
    const value = values[i]!;
    if (value - value !== 0) {
      // Yields NaN without costing V8 a register (measured in momentum/rsi.ts).
      out[i] = value - value;
      continue;
    }
    first = decay * first + alpha * value;
    second = decay * second + alpha * first;
    out[i] = 2 * first - second;
  }
  saved[1] = first;
  saved[2] = second;
}
