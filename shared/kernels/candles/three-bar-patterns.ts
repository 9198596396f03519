import {
  barAbove,
  barBelow,
  bodyAbove,
  bodyBelow,
  type CandleOptions,
  type CandlePattern,
  downIf,
  farOf,
  hasNoLower,
  hasNoUpper,
  isBlack,
  isDoji,
  isEngulfing,
  isInside,
  isLong,
  isShort,
  isSmall,
  isWhite,
  nearOf,
  upIf,
} from "./candle-shapes.ts";
import type { Candles } from "./read-candles.ts";

/** Patterns of three bars and more. No trend is asked for. */
export const threeBarPatterns = {
  morning_star: {
    definition:
      "A long black body; a small body wholly below it; a white body that is not small and closes above the first " +
      "close by more than `star_penetration` of the first body. Up.",
    bars: 2,
    averaged: 2,
    match: (c, i, options) => upIf(isSmall(c, i - 1) && isMorningStar(c, i, options)),
  },
  evening_star: {
    definition:
      "A long white body; a small body wholly above it; a black body that is not small and closes below the first " +
      "close by more than `star_penetration` of the first body. Down.",
    bars: 2,
    averaged: 2,
    match: (c, i, options) => downIf(isSmall(c, i - 1) && isEveningStar(c, i, options)),
  },
  morning_doji_star: {
    definition: "A morning star whose middle bar is a doji. Up.",
    bars: 2,
    averaged: 2,
    match: (c, i, options) => upIf(isDoji(c, i - 1) && isMorningStar(c, i, options)),
  },
  evening_doji_star: {
    definition: "An evening star whose middle bar is a doji. Down.",
    bars: 2,
    averaged: 2,
    match: (c, i, options) => downIf(isDoji(c, i - 1) && isEveningStar(c, i, options)),
  },
  abandoned_baby: {
    definition:
      "A doji star of three bars whose middle bar lies wholly, shadows included, beyond both its neighbours: below " +
      "them after black (up), above them after white (down).",
    bars: 2,
    averaged: 2,
    match(c, i, options) {
      if (!isDoji(c, i - 1)) return 0;
      if (barBelow(c, i - 1, i - 2) && barAbove(c, i, i - 1)) return upIf(isMorningStar(c, i, options));
      if (barAbove(c, i - 1, i - 2) && barBelow(c, i, i - 1)) return downIf(isEveningStar(c, i, options));
      return 0;
    },
  },
  three_inside: {
    definition:
      "A harami, then a bar of the second direction that closes beyond the first open: white above it after black " +
      "(up), black below it after white (down).",
    bars: 2,
    averaged: 2,
    match(c, i) {
      if (!(isLong(c, i - 2) && isSmall(c, i - 1) && isInside(c, i - 1, i - 2))) return 0;
      if (isBlack(c, i - 2)) return upIf(isWhite(c, i) && c.close[i]! > c.open[i - 2]!);
      return downIf(isBlack(c, i) && c.close[i]! < c.open[i - 2]!);
    },
  },
  three_outside: {
    definition: "An engulfing, then a close further in its direction: higher (up) or lower (down).",
    bars: 2,
    match(c, i) {
      if (!isEngulfing(c, i - 1, i - 2)) return 0;
      return isWhite(c, i - 1) ? upIf(c.close[i]! > c.close[i - 1]!) : downIf(c.close[i]! < c.close[i - 1]!);
    },
  },
  three_white_soldiers: {
    definition:
      "Three white bars with very short upper shadows and rising closes, the second and the third opening above the " +
      "open and at most near above the close of the bar before, neither body far shorter than the one before, the " +
      "third body not short. Up.",
    bars: 2,
    averaged: 2,
    near: 2,
    match: (c, i) =>
      upIf(
        isWhite(c, i - 2) &&
          hasNoUpper(c, i - 2) &&
          followsUp(c, i - 1) &&
          followsUp(c, i) &&
          c.body[i]! > c.bodyMean[i]!,
      ),
  },
  three_black_crows: {
    definition:
      "A white bar, then three black ones with very short lower shadows and falling closes, the second and the third " +
      "opening strictly within the body before, the first closing below the white bar's high. Down.",
    bars: 3,
    averaged: 2,
    match: (c, i) =>
      downIf(
        isWhite(c, i - 3) &&
          isBlack(c, i - 2) &&
          hasNoLower(c, i - 2) &&
          c.high[i - 3]! > c.close[i - 2]! &&
          followsDown(c, i - 1) &&
          followsDown(c, i),
      ),
  },
  rise_fall_three_methods: {
    definition:
      "A long bar; three short ones of the other colour whose bodies overlap its range and whose closes run against " +
      "it; a long bar of the first colour that opens beyond the last close and closes beyond the first. White up, " +
      "black down.",
    bars: 4,
    averaged: 4,
    match(c, i) {
      const way = c.color[i - 4]!;
      if (!(isLong(c, i - 4) && isLong(c, i) && c.color[i] === way)) return 0;
      for (let k = i - 3; k < i; k++) {
        const overlaps = c.bottom[k]! < c.high[i - 4]! && c.top[k]! > c.low[i - 4]!;
        if (!(c.color[k] === -way && isShort(c, k) && overlaps)) return 0;
      }
      const against = (a: number, b: number) => way * a < way * b;
      return against(c.close[i - 2]!, c.close[i - 3]!) &&
        against(c.close[i - 1]!, c.close[i - 2]!) &&
        against(c.close[i - 1]!, c.open[i]!) &&
        against(c.close[i - 4]!, c.close[i]!)
        ? way
        : 0;
    },
  },
} as const satisfies Readonly<Record<string, CandlePattern>>;

/** All of a morning star but the size of its middle bar. */
function isMorningStar(c: Candles, i: number, { starPenetration }: CandleOptions): boolean {
  return (
    isLong(c, i - 2) &&
    isBlack(c, i - 2) &&
    bodyBelow(c, i - 1, i - 2) &&
    isLong(c, i) &&
    isWhite(c, i) &&
    c.close[i]! > c.close[i - 2]! + c.body[i - 2]! * starPenetration
  );
}

function isEveningStar(c: Candles, i: number, { starPenetration }: CandleOptions): boolean {
  return (
    isLong(c, i - 2) &&
    isWhite(c, i - 2) &&
    bodyAbove(c, i - 1, i - 2) &&
    isLong(c, i) &&
    isBlack(c, i) &&
    c.close[i]! < c.close[i - 2]! - c.body[i - 2]! * starPenetration
  );
}

/** A soldier after a soldier. */
function followsUp(c: Candles, i: number): boolean {
  return (
    isWhite(c, i) &&
    hasNoUpper(c, i) &&
    c.close[i]! > c.close[i - 1]! &&
    c.open[i]! > c.open[i - 1]! &&
    c.open[i]! <= c.close[i - 1]! + nearOf(c, i - 1) &&
    c.body[i]! > c.body[i - 1]! - farOf(c, i - 1)
  );
}

/** A crow after a crow. */
function followsDown(c: Candles, i: number): boolean {
  return (
    isBlack(c, i) &&
    hasNoLower(c, i) &&
    c.open[i]! < c.open[i - 1]! &&
    c.open[i]! > c.close[i - 1]! &&
    c.close[i]! < c.close[i - 1]!
  );
}
