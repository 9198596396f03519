import { requirePeriod, requireSameLength } from "../arguments.ts";
import type { RollingOptions } from "../rolling/blocks.ts";
import { rollingSum } from "../rolling/rolling-sum.ts";

/**
 * Chande momentum oscillator: `100 * (rises - falls) / (rises + falls)`, where `rises` and `falls` are the sums of the
 * rises and falls between consecutive bars over `period` changes.
 *
 * Warm-up: null before index `period`; look-back the same. Edge case: null if nothing moved. Nulls: null where one of
 * the `period + 1` bars is null (strict). Finite: bits depend on the window and `ordinal`. Two scratch arrays per
 * call. Source: T. S. Chande and S. Kroll, The New Technical Trader, 1994; agrees with Stock.Indicators' GetCmo.
 */
export function chandeMomentumOscillator(
  values: Float64Array,
  period: number,
  out: Float64Array,
  { ordinal }: RollingOptions = {},
): void {
  requirePeriod("chandeMomentumOscillator", "period", period);
  requireSameLength("chandeMomentumOscillator", { out }, values.length);
  const moved = new Float64Array(values.length);
  const fallen = new Float64Array(values.length);
  for (let i = 0; i < values.length; i++) {
    const change = i === 0 ? NaN : values[i]! - values[i - 1]!;
    moved[i] = Math.max(change, 0);
    fallen[i] = Math.max(-change, 0);
  }
  rollingSum(moved, period, out, { ordinal });
  rollingSum(fallen, period, moved, { ordinal });
  for (let i = 0; i < values.length; i++) {
    const total = out[i]! + moved[i]!;
    out[i] = total > 0 ? 100 * ((out[i]! - moved[i]!) / total) : NaN;
  }
}
