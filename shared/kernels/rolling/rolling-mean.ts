import { requirePeriod, requireSameLength } from "../arguments.ts";
import { firstBlock, type RollingOptions } from "./blocks.ts";
import { rollingSum } from "./rolling-sum.ts";

/**
 * Mean of the last `period` values (simple moving average). If they are all equal, the result is exactly that value.
 *
 * Warm-up: null before index `period - 1`. Nulls: null where the window holds one (strict, as pandas by default).
 * Finite: bits depend on the window and on `ordinal`, see `RollingOptions`. Source: the usual definition; agrees with
 * Stock.Indicators' GetSma.
 */
export function rollingMean(
  values: Float64Array,
  period: number,
  out: Float64Array,
  { ordinal = 0 }: RollingOptions = {},
): void {
  requirePeriod("rollingMean", "period", period);
  requireSameLength("rollingMean", { out }, values.length);
  firstBlock("rollingMean", ordinal, period);
  rollingSum(values, period, out, { ordinal });
  let last = NaN;
  let equal = 0;
  for (let i = 0; i < values.length; i++) {
    const value = values[i]!;
    equal = value === last ? equal + 1 : 1;
    last = value;
    out[i] = equal >= period ? value : out[i]! / period;
  }
}
