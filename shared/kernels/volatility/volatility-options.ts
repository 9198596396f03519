import type { RollingOptions } from "../rolling/blocks.ts";

export interface VolatilityOptions extends RollingOptions {
  /** Number of bars in a year; the result is multiplied by its square root. Default 1, the volatility of one bar. */
  readonly barsPerYear?: number | undefined;
}

/** Turns variances of one bar into volatilities, in place. A negative variance has no root and becomes null. */
export function toVolatility(kernel: string, out: Float64Array, barsPerYear: number): void {
  if (!(barsPerYear > 0 && barsPerYear < Infinity)) {
    throw new RangeError(
      `Cannot compute ${kernel}: barsPerYear is ${barsPerYear}, expected a number above 0: 252 for daily bars, 1 for no scaling.`,
    );
  }
  for (let i = 0; i < out.length; i++) out[i] = Math.sqrt(out[i]! * barsPerYear);
}
