/** Determines how many weights a fractional difference keeps. */
export interface FractionalWindow {
  /** Weights with a magnitude below this are left out, together with all older ones. */
  readonly threshold: number;
  /** Keeps exactly this many weights, whatever the threshold. */
  readonly width?: number | undefined;
}

/** A longer window is more likely a mistake in the parameters than intended. */
export const fractionalWidthMax = 20_000;

/**
 * Weights of the difference of order `d`, newest bar first: `w[0] = 1`, `w[k] = -w[k-1] * (d - k + 1) / k`, the
 * binomial series of `(1 - B)^d` with B the shift by one bar. For a whole `d` the series ends by itself (`d = 1`: 1,
 * -1); otherwise the weights fall like `k^(-1-d)` and are cut where they drop below `threshold`, or after `width`
 * weights.
 *
 * Source: M. Lopez de Prado, Advances in Financial Machine Learning, 2018, section 5.4.2 and snippet 5.3.
 */
export function fractionalWeights(d: number, { threshold, width }: FractionalWindow): Float64Array {
  requireNumbers(d, threshold, width);
  const weights = [1];
  for (let k = 1; width === undefined || k < width; k++) {
    const next = (-weights[k - 1]! * (d - k + 1)) / k;
    if (next === 0 || (width === undefined && Math.abs(next) < threshold)) break;
    if (k === fractionalWidthMax) {
      throw new RangeError(
        `Cannot compute fractionalDifference: d ${d} with a threshold of ${threshold} keeps more than ` +
          `${fractionalWidthMax} weights. Raise the threshold, or give a width.`,
      );
    }
    weights.push(next);
  }
  return Float64Array.from(weights);
}

function requireNumbers(d: number, threshold: number, width: number | undefined): void {
  const refuse = (name: string, given: number, expected: string) => {
    throw new RangeError(`Cannot compute fractionalDifference: ${name} is ${given}, expected ${expected}.`);
  };
  if (!(d >= 0 && d <= 10)) refuse("d", d, "a number from 0 to 10");
  if (width === undefined && !(threshold > 0 && threshold <= 1)) {
    refuse("threshold", threshold, "a number above 0, at most 1");
  }
  if (width !== undefined && !(Number.isSafeInteger(width) && width >= 1 && width <= fractionalWidthMax)) {
    refuse("width", width, `a whole number of bars from 1 to ${fractionalWidthMax}`);
  }
}
