import { requireSameLength } from "./arguments.ts";

/** The four prices of bars, with one element per bar. */
export interface BarPrices {
  readonly open: Float64Array;
  readonly high: Float64Array;
  readonly low: Float64Array;
  readonly close: Float64Array;
}

/** Refuses prices or an output whose length differs from that of `open`. */
export function requireBars(kernel: string, { open, high, low, close }: BarPrices, out: Float64Array): void {
  requireSameLength(kernel, { high, low, close, out }, open.length);
}
