import {
  barAbove,
  barBelow,
  bodyAbove,
  bodyBelow,
  type CandlePattern,
  downIf,
  equalOf,
  hasLongLower,
  hasLongUpper,
  hasNoLower,
  hasNoUpper,
  isBlack,
  isDoji,
  isEngulfing,
  isInside,
  isLong,
  isMarubozu,
  isShort,
  isSmall,
  isWhite,
  nearOf,
  upIf,
} from "./candle-shapes.ts";

/** Patterns of two bars, and those of one bar that ask where the bar before was. No trend is asked for. */
export const twoBarPatterns = {
  hammer: {
    definition:
      "Short body, lower shadow longer than it, upper shadow very short, the body's lower end below or near the low " +
      "of the bar before. Up.",
    bars: 1,
    averaged: 0,
    near: 1,
    match: (c, i) =>
      upIf(
        isShort(c, i) &&
          hasLongLower(c, i) &&
          hasNoUpper(c, i) &&
          c.bottom[i]! <= c.low[i - 1]! + nearOf(c, i - 1),
      ),
  },
  hanging_man: {
    definition: "A hammer's shape with the body's lower end above or near the high of the bar before. Down.",
    bars: 1,
    averaged: 0,
    near: 1,
    match: (c, i) =>
      downIf(
        isShort(c, i) &&
          hasLongLower(c, i) &&
          hasNoUpper(c, i) &&
          c.bottom[i]! >= c.high[i - 1]! - nearOf(c, i - 1),
      ),
  },
  inverted_hammer: {
    definition:
      "Short body, upper shadow longer than it, lower shadow very short, the body wholly below the body before. Up.",
    bars: 1,
    averaged: 0,
    match: (c, i) => upIf(isShort(c, i) && hasLongUpper(c, i) && hasNoLower(c, i) && bodyBelow(c, i, i - 1)),
  },
  shooting_star: {
    definition: "An inverted hammer's shape with the body wholly above the body before. Down.",
    bars: 1,
    averaged: 0,
    match: (c, i) =>
      downIf(isShort(c, i) && hasLongUpper(c, i) && hasNoLower(c, i) && bodyAbove(c, i, i - 1)),
  },
  engulfing: {
    definition:
      "A body strictly around the body before, of the other colour. White up, black down. (Newer versions of TA-Lib " +
      "also give 80 where one end is equal; here both ends lie outside.)",
    bars: 1,
    match: (c, i) => (isEngulfing(c, i, i - 1) ? c.color[i]! : 0),
  },
  harami: {
    definition: "A long body, then a small one strictly within it. Up after black, down after white.",
    bars: 1,
    averaged: 1,
    match: (c, i) => (isLong(c, i - 1) && isSmall(c, i) && isInside(c, i, i - 1) ? -c.color[i - 1]! : 0),
  },
  harami_cross: {
    definition: "A long body, then a doji strictly within it. Up after black, down after white.",
    bars: 1,
    averaged: 1,
    match: (c, i) => (isLong(c, i - 1) && isDoji(c, i) && isInside(c, i, i - 1) ? -c.color[i - 1]! : 0),
  },
  piercing: {
    definition:
      "A long black body, then a long white one that opens below the low before and closes within the first body, " +
      "above its middle. Up.",
    bars: 1,
    averaged: 1,
    match: (c, i) =>
      upIf(
        isBlack(c, i - 1) &&
          isLong(c, i - 1) &&
          isWhite(c, i) &&
          isLong(c, i) &&
          c.open[i]! < c.low[i - 1]! &&
          c.close[i]! < c.open[i - 1]! &&
          c.close[i]! > c.close[i - 1]! + c.body[i - 1]! * 0.5,
      ),
  },
  dark_cloud_cover: {
    definition:
      "A long white body, then a black one that opens above the high before and closes within the first body, deeper " +
      "than `cloud_penetration` of it. Down.",
    bars: 1,
    averaged: 1,
    match: (c, i, { cloudPenetration }) =>
      downIf(
        isWhite(c, i - 1) &&
          isLong(c, i - 1) &&
          isBlack(c, i) &&
          c.open[i]! > c.high[i - 1]! &&
          c.close[i]! > c.open[i - 1]! &&
          c.close[i]! < c.close[i - 1]! - c.body[i - 1]! * cloudPenetration,
      ),
  },
  doji_star: {
    definition:
      "A long body, then a doji wholly beyond it: below a black one (up), above a white one (down).",
    bars: 1,
    averaged: 1,
    match: (c, i) =>
      isLong(c, i - 1) &&
      isDoji(c, i) &&
      (isWhite(c, i - 1) ? bodyAbove(c, i, i - 1) : bodyBelow(c, i, i - 1))
        ? -c.color[i - 1]!
        : 0,
  },
  homing_pigeon: {
    definition: "A long black body, then a small black one strictly within it. Up.",
    bars: 1,
    averaged: 1,
    match: (c, i) =>
      upIf(isBlack(c, i - 1) && isBlack(c, i) && isLong(c, i - 1) && isSmall(c, i) && isInside(c, i, i - 1)),
  },
  matching_low: {
    definition: "Two black bars with equal closes. Up.",
    bars: 1,
    near: 1,
    match: (c, i) =>
      upIf(
        isBlack(c, i - 1) &&
          isBlack(c, i) &&
          c.close[i]! <= c.close[i - 1]! + equalOf(c, i - 1) &&
          c.close[i]! >= c.close[i - 1]! - equalOf(c, i - 1),
      ),
  },
  counterattack: {
    definition:
      "Two long bodies of opposite colour with equal closes. Up where the second is white, else down.",
    bars: 1,
    averaged: 1,
    near: 1,
    match: (c, i) =>
      c.color[i] === -c.color[i - 1]! &&
      isLong(c, i - 1) &&
      isLong(c, i) &&
      c.close[i]! <= c.close[i - 1]! + equalOf(c, i - 1) &&
      c.close[i]! >= c.close[i - 1]! - equalOf(c, i - 1)
        ? c.color[i]!
        : 0,
  },
  kicking: {
    definition:
      "Two marubozu of opposite colour with a gap between them: black, then white above it (up), or white, then black " +
      "below it (down).",
    bars: 1,
    averaged: 1,
    match: (c, i) =>
      c.color[i] === -c.color[i - 1]! &&
      isMarubozu(c, i - 1) &&
      isMarubozu(c, i) &&
      (isWhite(c, i) ? barAbove(c, i, i - 1) : barBelow(c, i, i - 1))
        ? c.color[i]!
        : 0,
  },
} as const satisfies Readonly<Record<string, CandlePattern>>;
