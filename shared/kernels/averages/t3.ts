import { requirePeriod, requireSameLength, stateOrFresh } from "../arguments.ts";
import type { StateOptions } from "../state-options.ts";
import { seedCascade } from "./seed-cascade.ts";
import type { Seeding } from "./smoothing.ts";

export interface T3Options extends StateOptions {
  /** How strongly lag is reduced: 0 is triple exponential smoothing. Default 0.7. */
  readonly volumeFactor?: number | undefined;
  /** Default `first`, unlike the other averages, to match the reference implementation. */
  readonly seeding?: Seeding | undefined;
}

/** Length of the state of `t3`, in doubles: values seen (up to the seed) and six averages. */
export const t3StateLength = 7;

/**
 * Tillson's T3: `gd(gd(gd(value)))` with `gd(x) = (1 + v) * ema(x) - v * ema(ema(x))`, `v` the volume factor and `a =
 * 2 / (period + 1)`. Expanded, it is a weighted sum over a cascade of six exponential averages, each smoothing the one
 * before: `-v^3 * e6 + 3 (v^2 + v^3) * e5 - 3 (v + 2 v^2 + v^3) * e4 + (1 + v)^3 * e3`.
 *
 * Seed: all six start together at the first value (default), or at the mean of the first `period` values (`seeding:
 * "mean"`). Warm-up: values from index 0 (`mean`: from `period - 1`); the seed changes values by less than 1e-9
 * (relative) after about `15.1 * (period + 1)` bars. Nulls: a NaN or infinite value gives NaN at its bar, and the bar
 * is otherwise skipped. Recursive: resumes bit for bit from `state` (`t3StateLength`). Source: T. Tillson, Better
 * Moving Averages, 1998; agrees with Stock.Indicators' GetT3.
 */
export function t3(
  values: Float64Array,
  period: number,
  out: Float64Array,
  { volumeFactor: v = 0.7, seeding = "first", state }: T3Options = {},
): void {
  requirePeriod("t3", "period", period);
  requireSameLength("t3", { out }, values.length);
  if (!Number.isFinite(v)) {
    throw new RangeError(`Cannot compute t3: volumeFactor is ${v}, expected a number, usually from 0 to 1.`);
  }
  const saved = stateOrFresh("t3", state, t3StateLength);
  const start = seedCascade(values, period, seeding, 6, out, saved);
  const alpha = 2 / (period + 1);
  const decay = 1 - alpha;
  const c6 = -v * v * v;
  const c5 = 3 * v * v * (1 + v);
  const c4 = -3 * v * (1 + v) * (1 + v);
  const c3 = (1 + v) * (1 + v) * (1 + v);
  let e1 = saved[1]!;
  let e2 = saved[2]!;
  let e3 = saved[3]!;
  let e4 = saved[4]!;
  let e5 = saved[5]!;
  let e6 = saved[6]!;
  for (let i = start; i < values.length; i++) {
    const value = values[i]!;
    if (value - value !== 0) {
      // Yields NaN without costing V8 a register (measured in momentum/rsi.ts).
      out[i] = value - value;
      continue;
    }
    e1 = decay * e1 + alpha * value;
    e2 = decay * e2 + alpha * e1;
    e3 = decay * e3 + alpha * e2;
    e4 = decay * e4 + alpha * e3;
    e5 = decay * e5 + alpha * e4;
    e6 = decay * e6 + alpha * e5;
    out[i] = c6 * e6 + c5 * e5 + c4 * e4 + c3 * e3;
  }
  saved[1] = e1;
  saved[2] = e2;
  saved[3] = e3;
  saved[4] = e4;
  saved[5] = e5;
  saved[6] = e6;
}
