import { requirePeriod, requireSameLength } from "../arguments.ts";
import { barsSinceExtreme, type BarsSinceOptions } from "./extremes.ts";

/**
 * Bars since the largest of the last `period` values: 0 for the current bar, `period - 1` for the oldest. Among equal
 * values the latest counts, or with `ties: "earliest"` the earliest.
 *
 * Warm-up: null before index `period - 1`. Nulls: null where the window holds one (strict, as pandas by default).
 * Finite: depends on the window alone. Three comparisons per bar, whatever the period; two scratch arrays of `period +
 * 1`. Source: TA-Lib's MAXINDEX, but counted back from the current bar instead of from the series' start.
 */
export function barsSinceMax(
  values: Float64Array,
  period: number,
  out: Float64Array,
  { ties, extremes }: BarsSinceOptions = {},
): void {
  requirePeriod("barsSinceMax", "period", period);
  requireSameLength("barsSinceMax", { out, extremes }, values.length);
  barsSinceExtreme(values, period, out, 1, { ties, extremes });
}
