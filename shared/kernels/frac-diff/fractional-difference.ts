import { requireSameLength } from "../arguments.ts";
import { fractionalWeights, type FractionalWindow } from "./fractional-weights.ts";

/**
 * Fractional difference of order `d` over a window of fixed width: `y[t] = sum over k of w[k] * value[t - k]` with the
 * weights of `fractionalWeights`, which are the same at every bar. `d = 0` returns the values, `d = 1` their change;
 * in between, a series becomes stationary and keeps part of its memory.
 *
 * Warm-up: null before index `width - 1`, where `width` is the number of weights; the look-back is `width - 1`. Nulls:
 * a null or infinite value in the window gives null (a window is neither filled nor shortened). Finite: the sum is
 * recomputed at each bar, in four interleaved chains from the newest to the oldest bar, so its bits depend on the
 * window alone. Cost: `width` multiplications per bar. Allocates one array of weights per call. Source: M. Lopez de
 * Prado, Advances in Financial Machine Learning, 2018, section 5.5 (fixed-width window fracdiff), without its forward
 * fill of nulls.
 */
export function fractionalDifference(
  values: Float64Array,
  d: number,
  window: FractionalWindow,
  out: Float64Array,
): void {
  requireSameLength("fractionalDifference", { out }, values.length);
  const weights = fractionalWeights(d, window);
  const first = weights.length - 1;
  out.fill(NaN, 0, first);
  for (let t = first; t < values.length; t++) {
    const sum = weightedSum(values, t, weights);
    // An infinite value makes the sum infinite or NaN; either way the result is null.
    out[t] = sum - sum === 0 ? sum : NaN;
  }
}

/** Four chains, because a single chain would wait for each addition before the next. */
function weightedSum(values: Float64Array, t: number, weights: Float64Array): number {
  const width = weights.length;
  const unrolled = width - (width % 4);
  let a = 0;
  let b = 0;
  let c = 0;
  let e = 0;
  let k = 0;
  for (; k < unrolled; k += 4) {
    a += weights[k]! * values[t - k]!;
    b += weights[k + 1]! * values[t - k - 1]!;
    c += weights[k + 2]! * values[t - k - 2]!;
    e += weights[k + 3]! * values[t - k - 3]!;
  }
  for (; k < width; k++) a += weights[k]! * values[t - k]!;
  return a + b + (c + e);
}
