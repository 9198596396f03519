import {
  type CandlePattern,
  hasLongLower,
  hasLongUpper,
  hasLower,
  hasNoLower,
  hasNoUpper,
  hasShortShadows,
  hasUpper,
  isDoji,
  isLong,
  isMarubozu,
  isShort,
  isWhite,
  nearOf,
  upIf,
} from "./candle-shapes.ts";

/** Patterns of one bar. Those of the doji family have no direction and are 100 where they are there. */
export const oneBarPatterns = {
  doji: {
    definition: "Body at most a tenth of the mean range: open and close as good as equal.",
    bars: 0,
    averaged: 0,
    match: (c, i) => upIf(isDoji(c, i)),
  },
  dragonfly_doji: {
    definition: "A doji whose upper shadow is very short and whose lower shadow is not.",
    bars: 0,
    averaged: 0,
    match: (c, i) => upIf(isDoji(c, i) && hasNoUpper(c, i) && hasLower(c, i)),
  },
  gravestone_doji: {
    definition: "A doji whose lower shadow is very short and whose upper shadow is not.",
    bars: 0,
    averaged: 0,
    match: (c, i) => upIf(isDoji(c, i) && hasNoLower(c, i) && hasUpper(c, i)),
  },
  long_legged_doji: {
    definition: "A doji with at least one shadow longer than its own body.",
    bars: 0,
    averaged: 0,
    match: (c, i) => upIf(isDoji(c, i) && (hasLongLower(c, i) || hasLongUpper(c, i))),
  },
  rickshaw_man: {
    definition:
      "A doji with both shadows longer than its body, and the body near the middle of the bar's range.",
    bars: 0,
    averaged: 0,
    near: 0,
    match(c, i) {
      if (!(isDoji(c, i) && hasLongLower(c, i) && hasLongUpper(c, i))) return 0;
      const middle = c.low[i]! + (c.high[i]! - c.low[i]!) / 2;
      const near = nearOf(c, i);
      return upIf(c.bottom[i]! <= middle + near && c.top[i]! >= middle - near);
    },
  },
  takuri: {
    definition: "A doji with a very short upper shadow and a lower shadow more than twice its body.",
    bars: 0,
    averaged: 0,
    match: (c, i) => upIf(isDoji(c, i) && hasNoUpper(c, i) && hasLongLower(c, i, 2)),
  },
  marubozu: {
    definition: "Long body, both shadows very short. White up, black down.",
    bars: 0,
    averaged: 0,
    match: (c, i) => (isMarubozu(c, i) ? c.color[i]! : 0),
  },
  closing_marubozu: {
    definition:
      "Long body that closes at the bar's end: a white one with a very short upper shadow (up), a black one with a " +
      "very short lower shadow (down).",
    bars: 0,
    averaged: 0,
    match: (c, i) =>
      isLong(c, i) && (isWhite(c, i) ? hasNoUpper(c, i) : hasNoLower(c, i)) ? c.color[i]! : 0,
  },
  belt_hold: {
    definition:
      "Long body that opens at the bar's end: a white one with a very short lower shadow (up), a black one with a " +
      "very short upper shadow (down).",
    bars: 0,
    averaged: 0,
    match: (c, i) =>
      isLong(c, i) && (isWhite(c, i) ? hasNoLower(c, i) : hasNoUpper(c, i)) ? c.color[i]! : 0,
  },
  spinning_top: {
    definition: "Short body with both shadows longer than it. White up, black down.",
    bars: 0,
    averaged: 0,
    match: (c, i) => (isShort(c, i) && hasLongUpper(c, i) && hasLongLower(c, i) ? c.color[i]! : 0),
  },
  high_wave: {
    definition: "Short body with both shadows more than twice its length. White up, black down.",
    bars: 0,
    averaged: 0,
    match: (c, i) => (isShort(c, i) && hasLongUpper(c, i, 2) && hasLongLower(c, i, 2) ? c.color[i]! : 0),
  },
  long_line: {
    definition: "Long body, both shadows shorter than half the mean of both together. White up, black down.",
    bars: 0,
    averaged: 0,
    match: (c, i) => (isLong(c, i) && hasShortShadows(c, i) ? c.color[i]! : 0),
  },
  short_line: {
    definition: "Short body, both shadows shorter than half the mean of both together. White up, black down.",
    bars: 0,
    averaged: 0,
    match: (c, i) => (isShort(c, i) && hasShortShadows(c, i) ? c.color[i]! : 0),
  },
} as const satisfies Readonly<Record<string, CandlePattern>>;
