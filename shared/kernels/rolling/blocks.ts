/** Options of the kernels that sum over a window. */
export interface RollingOptions {
  /**
   * Absolute bar ordinal of row 0 (`context.ordinal` in a handler), default 0. Sums are taken in blocks aligned at
   * absolute ordinals, so a series started later has the same bits only when this is told.
   */
  readonly ordinal?: number | undefined;
}

/** Options of the kernels that divide by the bars of a window less `ddof`. */
export interface RollingVarianceOptions extends RollingOptions {
  /** Degrees of freedom taken off the divisor: 0 (default) for the population's, 1 for the sample's. */
  readonly ddof?: number | undefined;
}

/**
 * Row at which the first block of `period` bars starts, blocks being aligned at absolute ordinals.
 *
 * The window of a row is the end of the block before and the beginning of the row's own block: two partial sums, each
 * taken from that block alone. A bar is therefore added twice, whatever the period, and nothing older than the window
 * is ever remembered. Each window of a block contains the block's first bar, which serves as origin where deviations
 * are summed.
 */
export function firstBlock(kernel: string, ordinal: number, period: number): number {
  if (!Number.isSafeInteger(ordinal) || ordinal < 0) {
    throw new RangeError(
      `Cannot compute ${kernel}: ordinal is ${ordinal}, expected the number of bars before row 0, at least 0.`,
    );
  }
  return (period - (ordinal % period)) % period;
}
