/** The option that every recursive kernel accepts. */
export interface StateOptions {
  /**
   * The kernel's state, with the kernel's state length in doubles: all zeros at a symbol's first bar, read first,
   * written last.
   */
  readonly state?: Float64Array | undefined;
}
