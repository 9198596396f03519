import type { Candles } from "./read-candles.ts";

/** One pattern: what it means, and whether it ends at a bar. */
export interface CandlePattern {
  /** What has to hold, in words; bars are named from the oldest to the newest. */
  readonly definition: string;
  /** Bits that its bars have, the current bar first, then those before it; 0 where any bar will do. */
  readonly shapes: readonly number[];
  /** Bars before the current one back to the oldest that is compared with means over `period`; none when left out. */
  readonly averaged?: number;
  /** The same for means over `nearPeriod`. */
  readonly near?: number;
  /**
   * 1 where it is there and points up (or has no direction), -1 where it points down, 0 where it is not there. Asked
   * only where the bars have the shapes.
   */
  match(candles: Candles, bar: number, options: CandleOptions): number;
}

export interface CandleOptions {
  /** How far into the first body the last bar of a star has to close, as a share of that body. Default 0.3. */
  readonly starPenetration: number;
  /** The same for the dark cloud. Default 0.5. */
  readonly cloudPenetration: number;
}

/** What a predicate says, as a direction. */
export const upIf = (there: boolean) => (there ? 1 : 0);
export const downIf = (there: boolean) => (there ? -1 : 0);

/** Where the shapes say all: always up, or as the bar's own colour says. */
export const up = () => 1;
export const byColor = ({ color }: Candles, bar: number) => color[bar]!;
