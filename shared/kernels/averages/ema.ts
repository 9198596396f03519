import { requirePeriod, requireSameLength, stateOrFresh } from "../arguments.ts";
import { smooth, type SmoothingOptions, smoothingStateLength } from "./smoothing.ts";

/**
 * Exponential moving average: `ema[t] = (1 - a) * ema[t-1] + a * value[t]` with `a = 2 / (period + 1)`.
 *
 * Seed: the mean of the first `period` values (default), or the first value (`seeding: "first"`). Warm-up: null before
 * index `period - 1` (none with `first`); the seed changes values by less than 1e-9 (relative) after about `10.4 *
 * (period + 1)` bars (period 20: 218, 26: 281, 200: 2,090). Nulls: a NaN or infinite value gives NaN at its bar, and
 * the bar is otherwise skipped. Recursive: resumes bit for bit from `state` (`smoothingStateLength`). Source: the
 * usual definition; agrees with Stock.Indicators' GetEma.
 */
export function ema(
  values: Float64Array,
  period: number,
  out: Float64Array,
  { seeding = "mean", state }: SmoothingOptions = {},
): void {
  requirePeriod("ema", "period", period);
  requireSameLength("ema", { out }, values.length);
  const saved = stateOrFresh("ema", state, smoothingStateLength);
  smooth(values, period, 2 / (period + 1), seeding, out, saved);
}
