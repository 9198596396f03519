import { requirePeriod, requireSameLength } from "../arguments.ts";
import type { RollingOptions } from "../rolling/blocks.ts";
import { rollingSum } from "../rolling/rolling-sum.ts";
import { typicalPrice } from "./typical-price.ts";

/**
 * Money flow index: `100 * gains / (gains + losses)` over `period` changes of the typical price, where `gains` is the
 * sum of money (typical price times volume) over bars whose typical price rose, and `losses` the sum over bars where
 * it fell.
 *
 * Warm-up: null before index `period`; the look-back is `period`, one bar more than the window, because of the first
 * change. Edge cases: 100 without losses, 0 without gains, null if the price did not move or nothing was traded.
 * Nulls: null where one of the `period + 1` bars lacks a price, or one of the last `period` a volume. Finite: bits
 * depend on those bars and on `ordinal`, see `RollingOptions`. Two scratch arrays per call. Source: G. Quong and A.
 * Soudack, 1989; agrees with Stock.Indicators' GetMfi.
 */
export function moneyFlowIndex(
  high: Float64Array,
  low: Float64Array,
  close: Float64Array,
  volume: Float64Array,
  period: number,
  out: Float64Array,
  { ordinal }: RollingOptions = {},
): void {
  requirePeriod("moneyFlowIndex", "period", period);
  requireSameLength("moneyFlowIndex", { low, close, volume, out }, high.length);
  const gains = new Float64Array(high.length);
  const losses = new Float64Array(high.length);
  typicalPrice(high, low, close, out);
  for (let i = 0; i < out.length; i++) {
    const change = i === 0 ? NaN : out[i]! - out[i - 1]!;
    const money = out[i]! * volume[i]!;
    const known = change + money;
    gains[i] = losses[i] = known - known === 0 ? 0 : NaN;
    if (change > 0 && gains[i] === 0) gains[i] = money;
    if (change < 0 && losses[i] === 0) losses[i] = money;
  }
  rollingSum(losses, period, out, { ordinal });
  losses.set(out);
  rollingSum(gains, period, out, { ordinal });
  // Dividing first makes losses of zero give exactly 100; if both are zero the result is NaN.
  for (let i = 0; i < out.length; i++) out[i] = 100 * (out[i]! / (out[i]! + losses[i]!));
}
