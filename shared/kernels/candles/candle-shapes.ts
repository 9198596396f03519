import type { Candles } from "./read-candles.ts";

/** The properties of one bar as bits, so that a single comparison per bar finds candidates for a pattern. */
export const WHITE = 1;
export const BLACK = 1 << 1;
/** The body is above the mean body. */
export const LONG = 1 << 2;
/** The body is below the mean body. */
export const SHORT = 1 << 3;
/** The body is at most the mean body, as required of stars and inside bars. */
export const SMALL = 1 << 4;
/** The body is at most a tenth of the mean range. */
export const DOJI = 1 << 5;
/** The shadow is below a tenth of the mean range. */
export const NO_UPPER = 1 << 6;
export const NO_LOWER = 1 << 7;
/** The shadow is above a tenth of the mean range. */
export const UPPER = 1 << 8;
export const LOWER = 1 << 9;
/** The shadow is longer than the bar's own body. */
export const LONG_UPPER = 1 << 10;
export const LONG_LOWER = 1 << 11;
/** The shadow is more than twice as long as the bar's own body. */
export const VERY_LONG_UPPER = 1 << 12;
export const VERY_LONG_LOWER = 1 << 13;
/** Both shadows are below half the mean sum of the two. */
export const SHORT_SHADOWS = 1 << 14;
/** A long body with very short shadows. */
export const MARUBOZU = LONG | NO_UPPER | NO_LOWER;

/**
 * The bits of a bar, from its measurements and the means over the bars before. A NaN mean sets none of the bits that
 * depend on it.
 */
export function shapeOf(
  isWhite: boolean,
  body: number,
  upper: number,
  lower: number,
  bodyMean: number,
  rangeMean: number,
  shadowMean: number,
): number {
  const tenth = 0.1 * rangeMean;
  const half = shadowMean / 2;
  return (
    (isWhite ? WHITE : BLACK) |
    (body > bodyMean ? LONG : 0) |
    (body < bodyMean ? SHORT : 0) |
    (body <= bodyMean ? SMALL : 0) |
    (body <= tenth ? DOJI : 0) |
    (upper < tenth ? NO_UPPER : 0) |
    (lower < tenth ? NO_LOWER : 0) |
    (upper > tenth ? UPPER : 0) |
    (lower > tenth ? LOWER : 0) |
    (upper > body ? LONG_UPPER : 0) |
    (lower > body ? LONG_LOWER : 0) |
    (upper > 2 * body ? VERY_LONG_UPPER : 0) |
    (lower > 2 * body ? VERY_LONG_LOWER : 0) |
    (upper < half && lower < half ? SHORT_SHADOWS : 0)
  );
}

/** Whether a bar has all of these bits. */
export const has = ({ shape }: Candles, i: number, bits: number) => (shape[i]! & bits) === bits;

/** Price distances derived from the mean range before the bar, with TA-Lib's factors. */
export const nearOf = ({ nearMean }: Candles, i: number) => 0.2 * nearMean[i]!;
export const farOf = ({ nearMean }: Candles, i: number) => 0.6 * nearMean[i]!;
export const equalOf = ({ nearMean }: Candles, i: number) => 0.05 * nearMean[i]!;

/** Whether bodies do not overlap: that of bar `i` lies above (below) that of bar `j`. */
export const bodyAbove = ({ bottom, top }: Candles, i: number, j: number) => bottom[i]! > top[j]!;
export const bodyBelow = ({ bottom, top }: Candles, i: number, j: number) => top[i]! < bottom[j]!;
/** Whether bars do not overlap, shadows included. */
export const barAbove = ({ low, high }: Candles, i: number, j: number) => low[i]! > high[j]!;
export const barBelow = ({ low, high }: Candles, i: number, j: number) => high[i]! < low[j]!;
/** Whether the body of `i` lies strictly within that of `j`. */
export const isInside = ({ top, bottom }: Candles, i: number, j: number) =>
  top[i]! < top[j]! && bottom[i]! > bottom[j]!;
/** Whether the body of `i` strictly encloses that of `j` and has the other colour. */
export const isEngulfing = (c: Candles, i: number, j: number) =>
  c.color[i] === -c.color[j]! && c.top[i]! > c.top[j]! && c.bottom[i]! < c.bottom[j]!;
