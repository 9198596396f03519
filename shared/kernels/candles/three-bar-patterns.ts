import {
  barAbove,
  barBelow,
  BLACK,
  bodyAbove,
  bodyBelow,
  DOJI,
  farOf,
  isEngulfing,
  isInside,
  LONG,
  nearOf,
  NO_LOWER,
  NO_UPPER,
  SHORT,
  SMALL,
  WHITE,
} from "./candle-shapes.ts";
import { type CandleOptions, type CandlePattern, downIf, upIf } from "./pattern.ts";
import type { Candles } from "./read-candles.ts";

/** Patterns of three or more bars. The preceding trend is not considered. */
export const threeBarPatterns = {
  morning_star: {
    definition:
      "A long black body; a small body wholly below it; a white body that is not small and closes above the first " +
      "close by more than `star_penetration` of the first body. Up.",
    shapes: [WHITE | LONG, SMALL, BLACK | LONG],
    averaged: 2,
    match: (c, i, options) => upIf(isMorningStar(c, i, options)),
  },
  evening_star: {
    definition:
      "A long white body; a small body wholly above it; a black body that is not small and closes below the first " +
      "close by more than `star_penetration` of the first body. Down.",
    shapes: [BLACK | LONG, SMALL, WHITE | LONG],
    averaged: 2,
    match: (c, i, options) => downIf(isEveningStar(c, i, options)),
  },
  morning_doji_star: {
    definition: "A morning star whose middle bar is a doji. Up.",
    shapes: [WHITE | LONG, DOJI, BLACK | LONG],
    averaged: 2,
    match: (c, i, options) => upIf(isMorningStar(c, i, options)),
  },
  evening_doji_star: {
    definition: "An evening star whose middle bar is a doji. Down.",
    shapes: [BLACK | LONG, DOJI, WHITE | LONG],
    averaged: 2,
    match: (c, i, options) => downIf(isEveningStar(c, i, options)),
  },
  abandoned_baby: {
    definition:
      "A doji star of three bars whose middle bar lies wholly, shadows included, beyond both its neighbours: below " +
      "them after black (up), above them after white (down).",
    shapes: [LONG, DOJI, LONG],
    averaged: 2,
    match(c, i, options) {
      if (c.color[i] === c.color[i - 2]) return 0;
      if (c.color[i]! > 0) {
        const isAlone = barBelow(c, i - 1, i - 2) && barAbove(c, i, i - 1);
        return upIf(isAlone && isMorningStar(c, i, options));
      }
      const isAlone = barAbove(c, i - 1, i - 2) && barBelow(c, i, i - 1);
      return downIf(isAlone && isEveningStar(c, i, options));
    },
  },
  three_inside: {
    definition:
      "A harami, then a bar of the second direction that closes beyond the first open: white above it after black " +
      "(up), black below it after white (down).",
    shapes: [0, SMALL, LONG],
    averaged: 2,
    match(c, i) {
      if (c.color[i] === c.color[i - 2] || !isInside(c, i - 1, i - 2)) return 0;
      return c.color[i]! > 0 ? upIf(c.close[i]! > c.open[i - 2]!) : downIf(c.close[i]! < c.open[i - 2]!);
    },
  },
  three_outside: {
    definition: "An engulfing, then a close further in its direction: higher (up) or lower (down).",
    shapes: [0, 0, 0],
    match(c, i) {
      if (!isEngulfing(c, i - 1, i - 2)) return 0;
      return c.color[i - 1]! > 0
        ? upIf(c.close[i]! > c.close[i - 1]!)
        : downIf(c.close[i]! < c.close[i - 1]!);
    },
  },
  three_white_soldiers: {
    definition:
      "Three white bars with very short upper shadows and rising closes, the second and the third opening above the " +
      "open and at most near above the close of the bar before, neither body far shorter than the one before, the " +
      "third body not short. Up.",
    shapes: [WHITE | NO_UPPER | LONG, WHITE | NO_UPPER, WHITE | NO_UPPER],
    averaged: 2,
    near: 2,
    match: (c, i) => upIf(followsUp(c, i - 1) && followsUp(c, i)),
  },
  three_black_crows: {
    definition:
      "A white bar, then three black ones with very short lower shadows and falling closes, the second and the third " +
      "opening strictly within the body before, the first closing below the white bar's high. Down.",
    shapes: [BLACK | NO_LOWER, BLACK | NO_LOWER, BLACK | NO_LOWER, WHITE],
    averaged: 2,
    match: (c, i) => downIf(c.high[i - 3]! > c.close[i - 2]! && followsDown(c, i - 1) && followsDown(c, i)),
  },
  rise_fall_three_methods: {
    definition:
      "A long bar; three short ones of the other colour whose bodies overlap its range and whose closes run against " +
      "it; a long bar of the first colour that opens beyond the last close and closes beyond the first. White up, " +
      "black down.",
    shapes: [LONG, SHORT, SHORT, SHORT, LONG],
    averaged: 4,
    match(c, i) {
      const way = c.color[i - 4]!;
      if (c.color[i] !== way) return 0;
      for (let k = i - 3; k < i; k++) {
        const overlaps = c.bottom[k]! < c.high[i - 4]! && c.top[k]! > c.low[i - 4]!;
        if (c.color[k] === way || !overlaps) return 0;
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

/** The conditions of a morning star that its bars' shapes do not cover. */
function isMorningStar(c: Candles, i: number, { starPenetration }: CandleOptions): boolean {
  return bodyBelow(c, i - 1, i - 2) && c.close[i]! > c.close[i - 2]! + c.body[i - 2]! * starPenetration;
}

function isEveningStar(c: Candles, i: number, { starPenetration }: CandleOptions): boolean {
  return bodyAbove(c, i - 1, i - 2) && c.close[i]! < c.close[i - 2]! - c.body[i - 2]! * starPenetration;
}

/** The conditions for one soldier to follow another that their shapes do not cover. */
function followsUp(c: Candles, i: number): boolean {
  return (
    c.close[i]! > c.close[i - 1]! &&
    c.open[i]! > c.open[i - 1]! &&
    c.open[i]! <= c.close[i - 1]! + nearOf(c, i - 1) &&
    c.body[i]! > c.body[i - 1]! - farOf(c, i - 1)
  );
}

/** The same for one crow following another. */
function followsDown(c: Candles, i: number): boolean {
  return c.open[i]! < c.open[i - 1]! && c.open[i]! > c.close[i - 1]! && c.close[i]! < c.close[i - 1]!;
}
