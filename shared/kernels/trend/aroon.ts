import { requirePeriod, requireSameLength } from "../arguments.ts";
import { barsSinceMax } from "../rolling/bars-since-max.ts";
import { barsSinceMin } from "../rolling/bars-since-min.ts";
import type { TieOptions } from "../rolling/extremes.ts";

/**
 * Aroon: `up = 100 * (period - bars since the highest high) / period`, `down` the same for the lowest low, and
 * `oscillator = up - down`. The window is the current bar and the `period` bars before it.
 *
 * Warm-up: null before index `period`; look-back the same. Among equal extremes the latest counts, as in TA-Lib, or
 * with `ties: "earliest"` the earliest, as in Stock.Indicators. Nulls: null where the window holds one (strict).
 * Finite: bits depend on the window alone. Source: T. S. Chande, A Time Price Oscillator, Stocks & Commodities 1995;
 * with `earliest` it agrees with Stock.Indicators' GetAroon.
 */
export function aroon(
  high: Float64Array,
  low: Float64Array,
  period: number,
  upOut: Float64Array,
  downOut: Float64Array,
  oscillatorOut: Float64Array,
  { ties }: TieOptions = {},
): void {
  requirePeriod("aroon", "period", period);
  requireSameLength("aroon", { low, upOut, downOut, oscillatorOut }, high.length);
  barsSinceMax(high, period + 1, upOut, { ties });
  barsSinceMin(low, period + 1, downOut, { ties });
  for (let i = 0; i < high.length; i++) {
    upOut[i] = (100 * (period - upOut[i]!)) / period;
    downOut[i] = (100 * (period - downOut[i]!)) / period;
    oscillatorOut[i] = upOut[i]! - downOut[i]!;
  }
}
