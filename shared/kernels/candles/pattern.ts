import type { Candles } from "./read-candles.ts";

/** One pattern: its definition, and whether it ends at a bar. */
export interface CandlePattern {
  /** The conditions in words, naming the bars from oldest to newest. */
  readonly definition: string;
  /** The bits that its bars must have: the current bar first, then those before it; 0 where any bar will do. */
  readonly shapes: readonly number[];
  /**
   * How many bars before the current one the oldest bar lies that is compared with means over `period`; none when left
   * out.
   */
  readonly averaged?: number;
  /** The same for means over `nearPeriod`. */
  readonly near?: number;
  /**
   * Returns 1 where the pattern occurs and points up (or has no direction), -1 where it points down, 0 where it does
   * not occur. Called only for bars that have the shapes.
   */
  match(candles: Candles, bar: number, options: CandleOptions): number;
}

export interface CandleOptions {
  /** How far into the first body the last bar of a star must close, as a fraction of that body. Default 0.3. */
  readonly starPenetration: number;
  /** The same for the dark cloud. Default 0.5. */
  readonly cloudPenetration: number;
}

/** Converts a predicate's answer to a direction. */
export const upIf = (there: boolean) => (there ? 1 : 0);
export const downIf = (there: boolean) => (there ? -1 : 0);

/** For patterns that the shapes define completely: always up, or by the bar's own colour. */
export const up = () => 1;
export const byColor = ({ color }: Candles, bar: number) => color[bar]!;
