/** How many weights a fractional difference keeps. */
export interface FractionalWindow {
  /** Weights smaller than this in size are left out, and all older ones with them. */
  readonly threshold: number;
  /** Keep exactly this many instead, whatever the threshold. */
  readonly width?: number | undefined;
}

/** A window longer than this is a mistake in the parameters more often than a wish. */
export const fractionalWidthMax = 20_000;

/**
 * Weights of the difference of order `d`, newest bar first: `w[0] = 1`, `w[k] = -w[k-1] * (d - k + 1) / k`, the
 * binomial series of `(1 - B)^d` with B the shift by one bar. For a whole `d` they end by themselves
 * (`d = 1`: 1, -1), otherwise they fall like `k^(-1-d)` and are cut where they become smaller than `threshold`, or
 * after `width` weights.
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
