import { requirePeriod, requireSameLength } from "../arguments.ts";
import type { RollingOptions } from "../rolling/blocks.ts";
import { rollingSum } from "../rolling/rolling-sum.ts";

/**
 * Amihud's illiquidity: the mean of `|close / earlier - 1| / (close * volume)` over the last `period` bars, times
 * 1,000,000: the relative price move per million of money traded.
 *
 * Bars without trading (close times volume not above 0) have no such ratio and do not enter the mean, as in the paper.
 * Warm-up: null before index `period`; the look-back is `period`, one bar more than the window, because of the first
 * return. Nulls: null where a bar of the window has a null close, volume or previous close, where a previous close is
 * 0, and where no bar of the window was traded. Finite: bits depend on those bars and on `ordinal`, see
 * `RollingOptions`. Two scratch arrays per call. Source: Y. Amihud, Illiquidity and stock returns, Journal of
 * Financial Markets 5, 2002, equation 1.
 */
export function amihudIlliquidity(
  close: Float64Array,
  volume: Float64Array,
  period: number,
  out: Float64Array,
  { ordinal }: RollingOptions = {},
): void {
  requirePeriod("amihudIlliquidity", "period", period);
  requireSameLength("amihudIlliquidity", { volume, out }, close.length);
  const impact = new Float64Array(close.length);
  const traded = new Float64Array(close.length);
  for (let i = 0; i < close.length; i++) {
    const move = i === 0 ? NaN : Math.abs(close[i]! / close[i - 1]! - 1);
    const money = close[i]! * volume[i]!;
    const known = move + money;
    if (known - known !== 0) impact[i] = traded[i] = NaN;
    else if (money > 0) {
      impact[i] = move / money;
      traded[i] = 1;
    }
  }
  rollingSum(impact, period, out, { ordinal });
  impact.set(out);
  rollingSum(traded, period, out, { ordinal });
  for (let i = 0; i < out.length; i++) out[i] = out[i] === 0 ? NaN : (1e6 * impact[i]!) / out[i]!;
}
