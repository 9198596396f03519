import { requirePeriod, requireSameLength, stateOrFresh } from "../arguments.ts";
import { seedCascade } from "./seed-cascade.ts";
import type { SmoothingOptions } from "./smoothing.ts";

/** Length of the state of `tema`, in doubles: values seen (up to the seed) and three averages. */
export const temaStateLength = 4;

/**
 * Triple exponential moving average: `3 * e1 - 3 * e2 + e3`, where `e1` is the exponential average of the values with
 * `a = 2 / (period + 1)`, `e2` that of `e1` and `e3` that of `e2`.
 *
 * Seed: the averages start together at the mean of the first `period` values (default), or at the first value
 * (`seeding: "first"`). TA-Lib seeds each with a mean of the one before and therefore begins `2 * (period - 1)` bars
 * later; after the warm-up the two agree. Warm-up: null before index `period - 1` (none with `first`); the seed
 * changes values by less than 1e-9 (relative) after about `13.2 * (period + 1)` bars. Nulls: a NaN or infinite value
 * gives NaN at its bar, and the bar is otherwise skipped. Recursive: resumes bit for bit from `state`
 * (`temaStateLength`). Source: P. Mulloy, Smoothing Data with Less Lag, 1994; agrees with Stock.Indicators' GetTema.
 */
export function tema(
  values: Float64Array,
  period: number,
  out: Float64Array,
  { seeding = "mean", state }: SmoothingOptions = {},
): void {
  requirePeriod("tema", "period", period);
  requireSameLength("tema", { out }, values.length);
  const saved = stateOrFresh("tema", state, temaStateLength);
  const start = seedCascade(values, period, seeding, 3, out, saved);
  const alpha = 2 / (period + 1);
  const decay = 1 - alpha;
  let first = saved[1]!;
  let second = saved[2]!;
  let third = saved[3]!;
  for (let i = start; i < values.length; i++) {
    const value = values[i]!;
    if (value - value !== 0) {
      // Yields NaN without costing V8 a register (measured in momentum/rsi.ts).
      out[i] = value - value;
      continue;
    }
    first = decay * first + alpha * value;
    second = decay * second + alpha * first;
    third = decay * third + alpha * second;
    out[i] = 3 * (first - second) + third;
  }
  saved[1] = first;
  saved[2] = second;
  saved[3] = third;
}
