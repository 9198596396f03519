import { requirePeriod, requireSameLength, stateOrFresh } from "../arguments.ts";
import { smooth, type SmoothingOptions, smoothingStateLength } from "./smoothing.ts";

/**
 * Wilder's smoothing, also called SMMA or RMA: `w[t] = ((period - 1) * w[t-1] + value[t]) / period`.
 *
 * Seed: the mean of the first `period` values (default), or the first value (`seeding: "first"`). Warm-up: null before
 * index `period - 1` (none with `first`); the seed changes values by less than 1e-9 (relative) after about `20.7 *
 * period` bars (period 14: 280). Nulls: a NaN or infinite value gives NaN at its bar, and the bar is otherwise
 * skipped. Recursive: resumes bit for bit from `state` (`smoothingStateLength`). Source: J. W. Wilder, New Concepts in
 * Technical Trading Systems, 1978; agrees with Stock.Indicators' GetSmma.
 */
export function wilder(
  values: Float64Array,
  period: number,
  out: Float64Array,
  { seeding = "mean", state }: SmoothingOptions = {},
): void {
  requirePeriod("wilder", "period", period);
  requireSameLength("wilder", { out }, values.length);
  const saved = stateOrFresh("wilder", state, smoothingStateLength);
  smooth(values, period, 1 / period, seeding, out, saved);
}
