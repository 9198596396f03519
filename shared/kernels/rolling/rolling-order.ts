import { requirePeriod, requireSameLength } from "../arguments.ts";
import { slideSorted } from "./ordered-window.ts";

/** A requested quantile and its output. */
interface QuantileOutput {
  /** 0 to 1. */
  readonly q: number;
  readonly out: Float64Array;
}

/** The outputs of `rollingOrder`; those that are left out are not computed. */
export interface OrderOutputs {
  readonly low?: QuantileOutput | undefined;
  readonly high?: QuantileOutput | undefined;
  /** As `rollingRank`. */
  readonly rank?: Float64Array | undefined;
}

/**
 * Computes two quantiles and the current value's rank of the last `period` values at once, with the same results as
 * `rollingQuantile` and `rollingRank`. Keeping the window sorted is the expensive part, and is done only once.
 *
 * Warm-up: null before index `period - 1`. Nulls: null where the window holds one (strict, as pandas by default).
 * Finite: depends on the window alone. A binary search and a short move per bar; one scratch array of `period`.
 * Source: see `rollingQuantile` and `rollingRank`.
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
    // Adding zero merges the two zeros.
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

/** The two positions in a sorted window between which a quantile lies, and the distance from the first. */
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

/** The rank of the value at this position, 1 for the smallest; equal values share the mean of their ranks. */
function rankAt(sorted: Float64Array, at: number): number {
  const value = sorted[at]!;
  let first = at;
  let last = at;
  while (first > 0 && sorted[first - 1] === value) first--;
  while (last < sorted.length - 1 && sorted[last + 1] === value) last++;
  return (first + last) / 2 + 1;
}
