import type { Candles } from "./read-candles.ts";

/** One pattern: what it means, and whether it ends at a bar. */
export interface CandlePattern {
  /** What has to hold, in words; bars are named from the oldest to the newest. */
  readonly definition: string;
  /** Bars before the current one whose prices it looks at. */
  readonly bars: number;
  /** Bars before the current one back to the oldest that is compared with means over `period`; none when left out. */
  readonly averaged?: number;
  /** The same for means over `nearPeriod`. */
  readonly near?: number;
  /** 1 where it is there and points up (or has no direction), -1 where it points down, 0 where it is not there. */
  match(candles: Candles, bar: number, options: CandleOptions): number;
}

export interface CandleOptions {
  /** How far into the first body the last bar of a star has to close, as a share of that body. Default 0.3. */
  readonly starPenetration: number;
  /** The same for the dark cloud. Default 0.5. */
  readonly cloudPenetration: number;
}

/** TA-Lib's factors on the means. */
const DOJI = 0.1;
const VERY_SHORT = 0.1;
const NEAR = 0.2;
const FAR = 0.6;
const EQUAL = 0.05;

export const isWhite = ({ color }: Candles, i: number) => color[i]! > 0;
export const isBlack = ({ color }: Candles, i: number) => color[i]! < 0;

/** Body above the mean of bodies. */
export const isLong = ({ body, bodyMean }: Candles, i: number) => body[i]! > bodyMean[i]!;
/** Body below the mean of bodies. */
export const isShort = ({ body, bodyMean }: Candles, i: number) => body[i]! < bodyMean[i]!;
/** Body at most the mean of bodies: what stars and inside bars ask for. */
export const isSmall = ({ body, bodyMean }: Candles, i: number) => body[i]! <= bodyMean[i]!;
/** Body at most a tenth of the mean range. */
export const isDoji = ({ body, rangeMean }: Candles, i: number) => body[i]! <= DOJI * rangeMean[i]!;

/** Shadow below a tenth of the mean range. */
export const hasNoUpper = ({ upper, rangeMean }: Candles, i: number) =>
  upper[i]! < VERY_SHORT * rangeMean[i]!;
export const hasNoLower = ({ lower, rangeMean }: Candles, i: number) =>
  lower[i]! < VERY_SHORT * rangeMean[i]!;
/** Shadow above a tenth of the mean range. */
export const hasUpper = ({ upper, rangeMean }: Candles, i: number) => upper[i]! > VERY_SHORT * rangeMean[i]!;
export const hasLower = ({ lower, rangeMean }: Candles, i: number) => lower[i]! > VERY_SHORT * rangeMean[i]!;
/** Shadow longer than the bar's own body, `times` over. */
export const hasLongUpper = ({ upper, body }: Candles, i: number, times = 1) => upper[i]! > times * body[i]!;
export const hasLongLower = ({ lower, body }: Candles, i: number, times = 1) => lower[i]! > times * body[i]!;
/** Both shadows below half the mean of both together. */
export const hasShortShadows = ({ upper, lower, shadowMean }: Candles, i: number) =>
  upper[i]! < shadowMean[i]! / 2 && lower[i]! < shadowMean[i]! / 2;
/** Long body, no shadows to speak of. */
export const isMarubozu = (c: Candles, i: number) => isLong(c, i) && hasNoUpper(c, i) && hasNoLower(c, i);

/** Distances between prices, from the mean range before the bar. */
export const nearOf = ({ nearMean }: Candles, i: number) => NEAR * nearMean[i]!;
export const farOf = ({ nearMean }: Candles, i: number) => FAR * nearMean[i]!;
export const equalOf = ({ nearMean }: Candles, i: number) => EQUAL * nearMean[i]!;

/** Bodies that do not overlap: bar `i` above (below) bar `j`. */
export const bodyAbove = ({ bottom, top }: Candles, i: number, j: number) => bottom[i]! > top[j]!;
export const bodyBelow = ({ bottom, top }: Candles, i: number, j: number) => top[i]! < bottom[j]!;
/** Bars that do not overlap, shadows included. */
export const barAbove = ({ low, high }: Candles, i: number, j: number) => low[i]! > high[j]!;
export const barBelow = ({ low, high }: Candles, i: number, j: number) => high[i]! < low[j]!;
/** Body of `i` strictly within that of `j`. */
export const isInside = ({ top, bottom }: Candles, i: number, j: number) =>
  top[i]! < top[j]! && bottom[i]! > bottom[j]!;
/** Body of `i` strictly around that of `j`, and of the other colour. */
export const isEngulfing = (c: Candles, i: number, j: number) =>
  c.color[i] === -c.color[j]! && c.top[i]! > c.top[j]! && c.bottom[i]! < c.bottom[j]!;

/** What a predicate says, as a direction. */
export const upIf = (there: boolean) => (there ? 1 : 0);
export const downIf = (there: boolean) => (there ? -1 : 0);
