import { requirePeriod, requireSameLength } from "../arguments.ts";

/**
 * Ulcer index: the root mean square, over `period` bars, of the percentage drawdown of each bar from the highest value
 * of the window so far.
 *
 * Warm-up: null before index `period - 1`; look-back the same. Nulls: null where the window contains a null or begins
 * with a value that is not positive. Finite: each window is recomputed, which takes `period` steps per bar. Source: P.
 * Martin and B. McCann, The Investor's Guide to Fidelity Funds, 1989; agrees with Stock.Indicators' GetUlcerIndex.
 */
export function ulcerIndex(values: Float64Array, period: number, out: Float64Array): void {
  requirePeriod("ulcerIndex", "period", period);
  requireSameLength("ulcerIndex", { out }, values.length);
  out.fill(NaN, 0, period - 1);
  for (let i = period - 1; i < values.length; i++) {
    let highest = values[i - period + 1]!;
    let sum = highest > 0 ? 0 : NaN;
    for (let j = i - period + 1; j <= i; j++) {
      const value = values[j]!;
      if (value > highest) highest = value;
      const drawdown = (value - highest) / highest;
      sum += drawdown * drawdown;
    }
    out[i] = 100 * Math.sqrt(sum / period);
  }
}
