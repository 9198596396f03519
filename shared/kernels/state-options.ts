/** What every recursive kernel takes among its last argument's options. */
export interface StateOptions {
  /** As many doubles as the kernel's state length, zeros at a symbol's first bar; read first, written last. */
  readonly state?: Float64Array | undefined;
}
