/** Options of the kernels that sum over a window. */
export interface RollingOptions {
  /**
   * Absolute bar ordinal of row 0 (`context.ordinal` in a handler). Default 0. Sums are taken in blocks aligned at
   * absolute ordinals, so a series that starts later gives the same bits only if this is set.
   */
  readonly ordinal?: number | undefined;
}

/** Options of the kernels that divide by the number of bars in a window minus `ddof`. */
export interface RollingVarianceOptions extends RollingOptions {
  /** Degrees of freedom subtracted from the divisor: 0 (default) for the population, 1 for a sample. */
  readonly ddof?: number | undefined;
}

/**
 * The row at which the first block of `period` bars starts. Blocks are aligned at absolute ordinals.
 *
 * A row's window is the end of the previous block plus the beginning of the row's own block: two partial sums, each
 * computed from one block alone. Every bar is therefore added twice, whatever the period, and nothing older than the
 * window is remembered. Each window of a block contains the block's first bar, which serves as the origin where
 * deviations are summed.
 */
export function firstBlock(kernel: string, ordinal: number, period: number): number {
  if (!Number.isSafeInteger(ordinal) || ordinal < 0) {
    throw new RangeError(
      `Cannot compute ${kernel}: ordinal is ${ordinal}, expected the number of bars before row 0, at least 0.`,
    );
  }
  return (period - (ordinal % period)) % period;
}
