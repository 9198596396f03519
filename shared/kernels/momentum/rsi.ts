import { requirePeriod, requireSameLength, stateOrFresh } from "../arguments.ts";
import type { StateOptions } from "../state-options.ts";

export interface RsiOptions extends StateOptions {
  /**
   * - `wilder` (default): alpha `1 / period`, seeded with the mean of the first `period` changes;
   * - `span`: alpha `2 / (period + 1)`, seeded with the first change, as `delta.clip(lower=0).ewm(span=period,
   *   adjust=False).mean()` computes it. The two never converge.
   */
  readonly smoothing?: "wilder" | "span" | undefined;
}

/** Length of the state of `rsi`, in doubles: bars seen (up to the seed), last value, gain, loss. */
export const rsiStateLength = 4;

/**
 * Relative strength index: `100 * gain / (gain + loss)`, where gain and loss are smoothed means of the rises and of
 * the falls from one bar to the next.
 *
 * Seed and warm-up: `wilder` is null before index `period`, `span` before index 1. The start of the history changes
 * values by less than 1e-9 (relative) after about `20.7 * period` bars (14: 280), with `span` after `10.4 * (period +
 * 1)`. Edge cases: 100 if only losses are zero, 0 if only gains are zero, null if both are. Nulls: a NaN or infinite
 * value gives NaN at its bar, and the bar is otherwise skipped: the next change is measured from the last bar that has
 * a value. Recursive: resumes bit for bit from `state` (`rsiStateLength`). Source: J. W. Wilder, New Concepts in
 * Technical Trading Systems, 1978; `wilder` agrees with Stock.Indicators' GetRsi.
 */
export function rsi(
  close: Float64Array,
  period: number,
  out: Float64Array,
  { smoothing = "wilder", state }: RsiOptions = {},
): void {
  requirePeriod("rsi", "period", period);
  requireSameLength("rsi", { out }, close.length);
  const saved = stateOrFresh("rsi", state, rsiStateLength);
  if (smoothing === "wilder") smoothedRsi(close, 1 / period, period, out, saved);
  else smoothedRsi(close, 2 / (period + 1), 1, out, saved);
}

/** Seeds with the mean of the first `seedCount` changes, then smooths with `alpha`. */
function smoothedRsi(
  close: Float64Array,
  alpha: number,
  seedCount: number,
  out: Float64Array,
  state: Float64Array,
): void {
  const length = close.length;
  const decay = 1 - alpha;
  let seen = state[0]!;
  let last = state[1]!;
  // Until the seed is complete these hold sums, afterwards means.
  let gain = state[2]!;
  let loss = state[3]!;
  let i = 0;
  for (; i < length && seen <= seedCount; i++) {
    const value = close[i]!;
    out[i] = NaN;
    if (value - value !== 0) continue;
    if (seen > 0) {
      const rise = riseOf(value - last);
      gain += rise;
      loss += rise - (value - last);
    }
    last = value;
    seen++;
    if (seen > seedCount) {
      gain /= seedCount;
      loss /= seedCount;
      out[i] = strength(gain, loss);
    }
  }
  for (; i < length; i++) {
    const value = close[i]!;
    if (value - value !== 0) {
      // `value - value` yields NaN; a constant would cost V8 a register that gain or loss then lacks, and twice the
      // time.
      out[i] = value - value;
      continue;
    }
    const change = value - last;
    const rise = riseOf(change);
    gain = decay * gain + alpha * rise;
    loss = decay * loss + alpha * (rise - change);
    last = value;
    out[i] = strength(gain, loss);
  }
  state[0] = seen;
  state[1] = last;
  state[2] = gain;
  state[3] = loss;
}

/** Exactly `max(change, 0)`, but without a branch, because the sign of a price change cannot be predicted. */
function riseOf(change: number): number {
  return (change + Math.abs(change)) * 0.5;
}

/** Dividing first makes a loss of zero give exactly 100; if both are zero the result is NaN. */
function strength(gain: number, loss: number): number {
  return 100 * (gain / (gain + loss));
}
