import { requireSameLength } from "../arguments.ts";

/**
 * Distance between two bands as a fraction of their middle line: `(upper - lower) / middle`.
 *
 * Nulls: null where one of the three is null, and where the middle is 0. Finite: depends on its own bar. Source: the
 * bandwidth of J. Bollinger, Bollinger on Bollinger Bands, 2001, applied to any channel.
 */
export function channelWidth(
  middle: Float64Array,
  upper: Float64Array,
  lower: Float64Array,
  out: Float64Array,
): void {
  requireSameLength("channelWidth", { upper, lower, out }, middle.length);
  for (let i = 0; i < middle.length; i++) {
    const line = middle[i]!;
    out[i] = line === 0 ? NaN : (upper[i]! - lower[i]!) / line;
  }
}
