import { requirePeriod, requireSameLength } from "../arguments.ts";
import { slideSorted } from "./ordered-window.ts";

/** A quantile that is wanted, and where to. */
interface QuantileOutput {
  /** 0 to 1. */
  readonly q: number;
  readonly out: Float64Array;
}

/** What `rollingOrder` gives; what is left out is not computed. */
export interface OrderOutputs {
  readonly low?: QuantileOutput | undefined;
  readonly high?: QuantileOutput | undefined;
  /** As `rollingRank`. */
  readonly rank?: Float64Array | undefined;
}

/**
 * Two quantiles and the current value's rank of the last `period` values at once, as `rollingQuantile` and
 * `rollingRank` give them one by one: keeping the window in order is what costs, and is done once.
 *
 * Warm-up: null before index `period - 1`. Nulls: null where the window holds one (strict, as pandas by default).
 * Finite: depends on the window alone. A binary search and a short move per bar; one scratch array of `period`.
 * Source: as `rollingQuantile` and `rollingRank`.
 */
export function rollingOrder(values: Float64Array, period: number, { low, high, rank }: OrderOutputs): void {
  const length = values.length;
  requirePeriod("rollingOrder", "period", period);
  requireSameLength("rollingOrder", { low: low?.out, high: high?.out, rank }, length);
  const lowAt = placeOf(low?.q ?? 0, period);
  const highAt = placeOf(high?.q ?? 0, period);
  const sorted = new Float64Array(Math.min(period, length + 1));
  let size = 0;
  for (let i = 0; i < length; i++) {
    // Zero added makes one zero of the two.
    const entering = values[i]! + 0;
    const leaving = i < period ? NaN : values[i - period]! + 0;
    const at = slideSorted(sorted, size, leaving, entering);
    if (entering === entering) size++;
    if (leaving === leaving) size--;
    const isFull = size === period;
    if (low !== undefined) low.out[i] = isFull ? interpolate(sorted, lowAt) : NaN;
    if (high !== undefined) high.out[i] = isFull ? interpolate(sorted, highAt) : NaN;
    if (rank !== undefined) rank[i] = isFull ? rankAt(sorted, at) / period : NaN;
  }
}

/** Between which two places of a window in order a quantile lies, and how far from the first. */
interface Place {
  readonly below: number;
  readonly above: number;
  readonly share: number;
}

function placeOf(q: number, period: number): Place {
  if (!(q >= 0 && q <= 1)) {
    throw new RangeError(`Cannot compute rollingOrder: q is ${q}, expected a share between 0 and 1.`);
  }
  const place = q * (period - 1);
  const below = Math.floor(place);
  return { below, above: Math.min(below + 1, period - 1), share: place - below };
}

function interpolate(sorted: Float64Array, { below, above, share }: Place): number {
  const value = sorted[below]!;
  return value + (sorted[above]! - value) * share;
}

/** Rank of the value at this place, the smallest having 1; equal values share the mean of theirs. */
function rankAt(sorted: Float64Array, at: number): number {
  const value = sorted[at]!;
  let first = at;
  let last = at;
  while (first > 0 && sorted[first - 1] === value) first--;
  while (last < sorted.length - 1 && sorted[last + 1] === value) last++;
  return (first + last) / 2 + 1;
}
