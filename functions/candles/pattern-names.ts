import { type CandlePatternName, candlePatterns } from "quiver/kernels";

/** The patterns, in the order of their columns: of one bar, of two, of three and more. */
export const PATTERN_NAMES = Object.keys(candlePatterns).filter(
  (name): name is CandlePatternName => name in candlePatterns,
);

/** One column for each pattern. */
export type PatternColumns<C> = { readonly [Name in CandlePatternName]: C };
