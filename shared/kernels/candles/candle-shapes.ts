import type { Candles } from "./read-candles.ts";

/** What can be said of one bar, as bits, so that a pattern is first looked for by one comparison a bar. */
export const WHITE = 1;
export const BLACK = 1 << 1;
/** Body above the mean of bodies. */
export const LONG = 1 << 2;
/** Body below the mean of bodies. */
export const SHORT = 1 << 3;
/** Body at most the mean of bodies: what stars and inside bars ask for. */
export const SMALL = 1 << 4;
/** Body at most a tenth of the mean range. */
export const DOJI = 1 << 5;
/** Shadow below a tenth of the mean range. */
export const NO_UPPER = 1 << 6;
export const NO_LOWER = 1 << 7;
/** Shadow above a tenth of the mean range. */
export const UPPER = 1 << 8;
export const LOWER = 1 << 9;
/** Shadow longer than the bar's own body. */
export const LONG_UPPER = 1 << 10;
export const LONG_LOWER = 1 << 11;
/** Shadow more than twice as long as the bar's own body. */
export const VERY_LONG_UPPER = 1 << 12;
export const VERY_LONG_LOWER = 1 << 13;
/** Both shadows below half the mean of both together. */
export const SHORT_SHADOWS = 1 << 14;
/** Long body, no shadows to speak of. */
export const MARUBOZU = LONG | NO_UPPER | NO_LOWER;

/** The bits of a bar from its measures and the means over the bars before; NaN means give none of theirs. */
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

/** Distances between prices, from the mean range before the bar, with TA-Lib's factors. */
export const nearOf = ({ nearMean }: Candles, i: number) => 0.2 * nearMean[i]!;
export const farOf = ({ nearMean }: Candles, i: number) => 0.6 * nearMean[i]!;
export const equalOf = ({ nearMean }: Candles, i: number) => 0.05 * nearMean[i]!;

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
