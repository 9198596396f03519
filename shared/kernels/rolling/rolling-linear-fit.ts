import { requirePeriod, requireSameLength } from "../arguments.ts";
import { firstBlock, type RollingOptions } from "./blocks.ts";

/**
 * Least-squares line through the last `period` values against the bar's position in the window, from 0 for the oldest
 * bar to `period - 1` for the newest. Outputs are its `slope` per bar, its `intercept` (the line at the oldest bar; at
 * the newest it is `intercept + slope * (period - 1)`), and `rSquared`, the share of the variance that the line
 * explains, in [0, 1]. Outputs that are left undefined are not computed.
 *
 * Computed from distances to a value in the window, as in `rollingVariance`: a window of equal values has exactly
 * slope 0, its value as intercept, and a null `rSquared`. A window of one bar gives only nulls. Warm-up: null before
 * index `period - 1`. Nulls: null where the window holds one. Finite: bits depend on the window and on `ordinal`, see
 * `RollingOptions`. One scratch array of three numbers per bar of the window. Source: the usual definition of simple
 * linear regression.
 */
export function rollingLinearFit(
  values: Float64Array,
  period: number,
  slope: Float64Array | undefined,
  intercept?: Float64Array,
  rSquared?: Float64Array,
  { ordinal = 0 }: RollingOptions = {},
): void {
  requirePeriod("rollingLinearFit", "period", period);
  const first = firstBlock("rollingLinearFit", ordinal, period);
  const length = values.length;
  requireSameLength("rollingLinearFit", { slope, intercept, rSquared }, length);
  for (const out of [slope, intercept, rSquared]) out?.fill(NaN, 0, period - 1);
  if (length < period) return;
  // For the previous block, from its bar `p` to its end: the sums of distance, square, and position times distance
  // from `3p` on.
  const suffix = new Float64Array(3 * (period + 1));
  const middle = (period - 1) / 2;
  const placesSquared = (period * (period * period - 1)) / 12;
  for (let start = first; start < length; start += period) {
    const origin = values[start]!;
    const before = start - period;
    let sum = 0;
    let squares = 0;
    let moments = 0;
    for (let row = start - 1; row >= before && row >= 0; row--) {
      const distance = values[row]! - origin;
      const at = 3 * (row - before);
      suffix[at] = sum += distance;
      suffix[at + 1] = squares += distance * distance;
      suffix[at + 2] = moments += (row - start) * distance;
    }
    const end = Math.min(start + period, length);
    sum = squares = moments = 0;
    for (let row = start; row < end; row++) {
      const distance = values[row]! - origin;
      sum += distance;
      squares += distance * distance;
      moments += (row - start) * distance;
      if (row < period - 1) continue;
      const at = 3 * (row - start + 1);
      const total = sum + suffix[at]!;
      // Positions are counted from the block's start; the middle of the window lies `middle` bars before the row.
      const moment = moments + suffix[at + 2]! - (row - start - middle) * total;
      const rise = moment / placesSquared;
      if (slope !== undefined) slope[row] = rise;
      if (intercept !== undefined) intercept[row] = origin + (total / period - rise * middle);
      if (rSquared !== undefined) {
        const share = (rise * moment) / (squares + suffix[at + 1]! - (total * total) / period);
        rSquared[row] = share > 1 ? 1 : share;
      }
    }
  }
}
