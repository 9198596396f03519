import { requirePeriod, requireSameLength } from "../arguments.ts";
import type { RollingOptions } from "../rolling/blocks.ts";
import { rollingSum } from "../rolling/rolling-sum.ts";
import { trueRange } from "../volatility/true-range.ts";

/**
 * Vortex indicator: `plus = sum |high - previous low| / sum of the true range` and `minus = sum |low - previous high|
 * / sum of the true range`, over `period` bars.
 *
 * Warm-up: null before index `period`, for the first bar has none before it; look-back the same. Edge case: null where
 * the window has no range. Nulls: null where the window or the bar before it contains one (strict). Finite: bits
 * depend on the window and `ordinal`. Two scratch arrays per call. Source: E. Botes and D. Siepman, The Vortex
 * Indicator, Stocks & Commodities 2010; agrees with Stock.Indicators' GetVortex.
 */
export function vortex(
  high: Float64Array,
  low: Float64Array,
  close: Float64Array,
  period: number,
  plusOut: Float64Array,
  minusOut: Float64Array,
  { ordinal }: RollingOptions = {},
): void {
  requirePeriod("vortex", "period", period);
  requireSameLength("vortex", { low, close, plusOut, minusOut }, high.length);
  const moved = new Float64Array(high.length).fill(NaN);
  const range = new Float64Array(high.length);
  for (let i = 1; i < high.length; i++) moved[i] = Math.abs(high[i]! - low[i - 1]!);
  rollingSum(moved, period, plusOut, { ordinal });
  for (let i = 1; i < high.length; i++) moved[i] = Math.abs(low[i]! - high[i - 1]!);
  rollingSum(moved, period, minusOut, { ordinal });
  trueRange(high, low, close, moved);
  rollingSum(moved, period, range, { ordinal });
  for (let i = 0; i < high.length; i++) {
    const scale = range[i]! > 0 ? range[i]! : NaN;
    plusOut[i]! /= scale;
    minusOut[i]! /= scale;
  }
}
