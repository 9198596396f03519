import { requirePeriod, requireSameLength } from "../arguments.ts";
import type { RollingOptions } from "../rolling/blocks.ts";
import { rollingSum } from "../rolling/rolling-sum.ts";
import { moneyFlowVolume } from "./money-flow-volume.ts";

/**
 * Chaikin money flow: `sum(moneyFlowVolume) / sum(volume)` over the last `period` bars, from -1 to 1.
 *
 * Warm-up: null before index `period - 1`. Nulls: null where the window holds one, and where nothing was traded in it.
 * Finite: bits depend on the window and on `ordinal`, see `RollingOptions`. Two scratch arrays per call. Source: M.
 * Chaikin; agrees with Stock.Indicators' GetCmf.
 */
export function chaikinMoneyFlow(
  high: Float64Array,
  low: Float64Array,
  close: Float64Array,
  volume: Float64Array,
  period: number,
  out: Float64Array,
  { ordinal }: RollingOptions = {},
): void {
  requirePeriod("chaikinMoneyFlow", "period", period);
  requireSameLength("chaikinMoneyFlow", { low, close, volume, out }, high.length);
  const flow = new Float64Array(high.length);
  const shares = new Float64Array(high.length);
  moneyFlowVolume(high, low, close, volume, flow);
  rollingSum(volume, period, shares, { ordinal });
  rollingSum(flow, period, out, { ordinal });
  for (let i = 0; i < out.length; i++) out[i] = shares[i] === 0 ? NaN : out[i]! / shares[i]!;
}
