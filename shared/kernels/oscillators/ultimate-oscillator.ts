import { requirePeriod, requireSameLength } from "../arguments.ts";
import type { RollingOptions } from "../rolling/blocks.ts";
import { rollingSum } from "../rolling/rolling-sum.ts";
import { trueRange } from "../volatility/true-range.ts";

export interface UltimateOscillatorParams {
  /** Usually 7; has weight 4. */
  readonly short: number;
  /** Usually 14; has weight 2. */
  readonly middle: number;
  /** Usually 28; has weight 1. */
  readonly long: number;
}

/**
 * Ultimate oscillator: `100 * (4 * p(short) + 2 * p(middle) + p(long)) / 7`, where `p` is the sum of `close - min(low,
 * previous close)` divided by the sum of the true range.
 *
 * Warm-up: null before index `max(short, middle, long)`, because the first bar has no close before it; look-back the
 * same. Edge case: null where one of the windows has no range. Nulls: null where a window or the close before it
 * contains a null (strict). Finite: bits depend on the windows and `ordinal`. Four scratch arrays per call. Source: L.
 * Williams, The Ultimate Oscillator, Stocks & Commodities 1985; agrees with Stock.Indicators' GetUltimate.
 */
export function ultimateOscillator(
  high: Float64Array,
  low: Float64Array,
  close: Float64Array,
  { short, middle, long }: UltimateOscillatorParams,
  out: Float64Array,
  { ordinal }: RollingOptions = {},
): void {
  const length = high.length;
  for (const [name, period] of Object.entries({ short, middle, long })) {
    requirePeriod("ultimateOscillator", name, period);
  }
  requireSameLength("ultimateOscillator", { low, close, out }, length);
  const pressure = new Float64Array(length);
  const range = new Float64Array(length);
  const pressureSum = new Float64Array(length);
  const rangeSum = new Float64Array(length);
  trueRange(high, low, close, range);
  for (let i = 0; i < length; i++) {
    pressure[i] = i === 0 ? NaN : close[i]! - Math.min(low[i]!, close[i - 1]!);
  }
  out.fill(0);
  for (const [period, weight] of [
    [short, 4],
    [middle, 2],
    [long, 1],
  ] as const) {
    rollingSum(pressure, period, pressureSum, { ordinal });
    rollingSum(range, period, rangeSum, { ordinal });
    for (let i = 0; i < length; i++) {
      out[i]! += rangeSum[i]! > 0 ? weight * (pressureSum[i]! / rangeSum[i]!) : NaN;
    }
  }
  for (let i = 0; i < length; i++) out[i] = 100 * (out[i]! / 7);
}
