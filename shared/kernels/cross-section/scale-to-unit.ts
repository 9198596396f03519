import { requireSameLength } from "../arguments.ts";

/**
 * Divides values by the sum of their absolute values, so that the absolute values add up to 1: `value / sum(|value|)`.
 *
 * Null where all values are zero. Nulls: NaN and infinite values are left out and stay null. Source: `scale` of
 * Kakushadze, 101 Formulaic Alphas, 2016.
 */
export function scaleToUnit(values: Float64Array, out: Float64Array): void {
  requireSameLength("scaleToUnit", { out }, values.length);
  let sum = 0;
  for (let i = 0; i < values.length; i++) {
    const value = values[i]!;
    if (value - value === 0) sum += Math.abs(value);
  }
  for (let i = 0; i < values.length; i++) {
    const value = values[i]!;
    out[i] = value - value === 0 && sum > 0 ? value / sum : NaN;
  }
}
