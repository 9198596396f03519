import {
  barAbove,
  barBelow,
  BLACK,
  bodyAbove,
  bodyBelow,
  DOJI,
  equalOf,
  isEngulfing,
  isInside,
  LONG,
  LONG_LOWER,
  LONG_UPPER,
  MARUBOZU,
  nearOf,
  NO_LOWER,
  NO_UPPER,
  SHORT,
  SMALL,
  WHITE,
} from "./candle-shapes.ts";
import { type CandlePattern, downIf, upIf } from "./pattern.ts";
import type { Candles } from "./read-candles.ts";

/**
 * Patterns of two bars, and patterns of one bar that depend on the position of the bar before. The preceding trend is
 * not considered.
 */
export const twoBarPatterns = {
  hammer: {
    definition:
      "Short body, lower shadow longer than it, upper shadow very short, the body's lower end below or near the low " +
      "of the bar before. Up.",
    shapes: [SHORT | LONG_LOWER | NO_UPPER, 0],
    averaged: 0,
    near: 1,
    match: (c, i) => upIf(c.bottom[i]! <= c.low[i - 1]! + nearOf(c, i - 1)),
  },
  hanging_man: {
    definition: "A hammer's shape with the body's lower end above or near the high of the bar before. Down.",
    shapes: [SHORT | LONG_LOWER | NO_UPPER, 0],
    averaged: 0,
    near: 1,
    match: (c, i) => downIf(c.bottom[i]! >= c.high[i - 1]! - nearOf(c, i - 1)),
  },
  inverted_hammer: {
    definition:
      "Short body, upper shadow longer than it, lower shadow very short, the body wholly below the body before. Up.",
    shapes: [SHORT | LONG_UPPER | NO_LOWER, 0],
    averaged: 0,
    match: (c, i) => upIf(bodyBelow(c, i, i - 1)),
  },
  shooting_star: {
    definition: "An inverted hammer's shape with the body wholly above the body before. Down.",
    shapes: [SHORT | LONG_UPPER | NO_LOWER, 0],
    averaged: 0,
    match: (c, i) => downIf(bodyAbove(c, i, i - 1)),
  },
  engulfing: {
    definition:
      "A body strictly around the body before, of the other colour. White up, black down. (Newer versions of TA-Lib " +
      "also give 80 where one end is equal; here both ends lie outside.)",
    shapes: [0, 0],
    match: (c, i) => (isEngulfing(c, i, i - 1) ? c.color[i]! : 0),
  },
  harami: {
    definition: "A long body, then a small one strictly within it. Up after black, down after white.",
    shapes: [SMALL, LONG],
    averaged: 1,
    match: (c, i) => (isInside(c, i, i - 1) ? -c.color[i - 1]! : 0),
  },
  harami_cross: {
    definition: "A long body, then a doji strictly within it. Up after black, down after white.",
    shapes: [DOJI, LONG],
    averaged: 1,
    match: (c, i) => (isInside(c, i, i - 1) ? -c.color[i - 1]! : 0),
  },
  piercing: {
    definition:
      "A long black body, then a long white one that opens below the low before and closes within the first body, " +
      "above its middle. Up.",
    shapes: [WHITE | LONG, BLACK | LONG],
    averaged: 1,
    match: (c, i) =>
      upIf(
        c.open[i]! < c.low[i - 1]! &&
          c.close[i]! < c.open[i - 1]! &&
          c.close[i]! > c.close[i - 1]! + c.body[i - 1]! * 0.5,
      ),
  },
  dark_cloud_cover: {
    definition:
      "A long white body, then a black one that opens above the high before and closes within the first body, deeper " +
      "than `cloud_penetration` of it. Down.",
    shapes: [BLACK, WHITE | LONG],
    averaged: 1,
    match: (c, i, { cloudPenetration }) =>
      downIf(
        c.open[i]! > c.high[i - 1]! &&
          c.close[i]! > c.open[i - 1]! &&
          c.close[i]! < c.close[i - 1]! - c.body[i - 1]! * cloudPenetration,
      ),
  },
  doji_star: {
    definition:
      "A long body, then a doji wholly beyond it: below a black one (up), above a white one (down).",
    shapes: [DOJI, LONG],
    averaged: 1,
    match(c, i) {
      const isBeyond = c.color[i - 1]! > 0 ? bodyAbove(c, i, i - 1) : bodyBelow(c, i, i - 1);
      return isBeyond ? -c.color[i - 1]! : 0;
    },
  },
  homing_pigeon: {
    definition: "A long black body, then a small black one strictly within it. Up.",
    shapes: [BLACK | SMALL, BLACK | LONG],
    averaged: 1,
    match: (c, i) => upIf(isInside(c, i, i - 1)),
  },
  matching_low: {
    definition: "Two black bars with equal closes. Up.",
    shapes: [BLACK, BLACK],
    near: 1,
    match: (c, i) => upIf(closesEqual(c, i)),
  },
  counterattack: {
    definition:
      "Two long bodies of opposite colour with equal closes. Up where the second is white, else down.",
    shapes: [LONG, LONG],
    averaged: 1,
    near: 1,
    match: (c, i) => (c.color[i] === -c.color[i - 1]! && closesEqual(c, i) ? c.color[i]! : 0),
  },
  kicking: {
    definition:
      "Two marubozu of opposite colour with a gap between them: black, then white above it (up), or white, then black " +
      "below it (down).",
    shapes: [MARUBOZU, MARUBOZU],
    averaged: 1,
    match(c, i) {
      if (c.color[i] === c.color[i - 1]) return 0;
      return c.color[i]! > 0 ? upIf(barAbove(c, i, i - 1)) : downIf(barBelow(c, i, i - 1));
    },
  },
} as const satisfies Readonly<Record<string, CandlePattern>>;

/** Whether a bar closes at the close of the one before. */
function closesEqual(c: Candles, i: number): boolean {
  const [last, equal] = [c.close[i - 1]!, equalOf(c, i - 1)];
  return c.close[i]! <= last + equal && c.close[i]! >= last - equal;
}
