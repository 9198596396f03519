import { requireSameLength } from "../arguments.ts";

/**
 * Typical price of each bar: `(high + low + close) / 3`.
 *
 * Nulls: null where one of the three is null or infinite. Finite: depends on its own bar.
 * Source: the usual definition; TA-Lib's TYPPRICE.
 */
export function typicalPrice(
  high: Float64Array,
  low: Float64Array,
  close: Float64Array,
  out: Float64Array,
): void {
  requireSameLength("typicalPrice", { low, close, out }, high.length);
  for (let i = 0; i < high.length; i++) {
    const price = (high[i]! + low[i]! + close[i]!) / 3;
    out[i] = price - price === 0 ? price : NaN;
  }
}
