import { requirePeriod, requireSameLength } from "../arguments.ts";
import { exp } from "../math/exp.ts";

export interface AlmaOptions {
  /** Position in the window where the weights peak: 0 is its oldest bar, 1 the current bar. Default 0.85. */
  readonly offset?: number | undefined;
  /** Sharpness of the peak: the weights have a width of `period / sigma` bars. Default 6. */
  readonly sigma?: number | undefined;
}

/**
 * Arnaud Legoux moving average: the last `period` values with Gaussian weights `w[j] = exp(-(j - offset * (period -
 * 1))^2 / (2 * (period / sigma)^2))` with `j = 0` for the oldest.
 *
 * Warm-up: null before index `period - 1`. Nulls: null where the window holds one (strict). Finite: look-back
 * `period - 1`; each window is summed anew, oldest first, so the cost grows with the period. One scratch array of
 * `period` weights. Source: A. Legoux and D. Kouzis-Loukas, 2009; agrees with Stock.Indicators' GetAlma.
 */
export function alma(
  values: Float64Array,
  period: number,
  out: Float64Array,
  { offset = 0.85, sigma = 6 }: AlmaOptions = {},
): void {
  requirePeriod("alma", "period", period);
  requireSameLength("alma", { out }, values.length);
  const weights = almaWeights(period, offset, sigma);
  const length = values.length;
  out.fill(NaN, 0, period - 1);
  for (let i = period - 1; i < length; i++) {
    const oldest = i - period + 1;
    let sum = 0;
    for (let j = 0; j < period; j++) sum += weights[j]! * values[oldest + j]!;
    out[i] = sum;
  }
}

/** Weights that sum to 1, oldest first. */
function almaWeights(period: number, offset: number, sigma: number): Float64Array {
  if (!(offset >= 0 && offset <= 1)) {
    throw new RangeError(`Cannot compute alma: offset is ${offset}, expected a number from 0 to 1.`);
  }
  if (!(sigma > 0 && sigma < Infinity)) {
    throw new RangeError(`Cannot compute alma: sigma is ${sigma}, expected a number above 0.`);
  }
  const centre = offset * (period - 1);
  const width = period / sigma;
  const weights = new Float64Array(period);
  let total = 0;
  for (let j = 0; j < period; j++) {
    const distance = j - centre;
    total += weights[j] = exp(-(distance * distance) / (2 * width * width));
  }
  for (let j = 0; j < period; j++) weights[j]! /= total;
  return weights;
}
