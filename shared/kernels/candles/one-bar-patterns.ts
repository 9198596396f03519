import {
  BLACK,
  DOJI,
  has,
  LONG,
  LONG_LOWER,
  LONG_UPPER,
  LOWER,
  MARUBOZU,
  nearOf,
  NO_LOWER,
  NO_UPPER,
  SHORT,
  SHORT_SHADOWS,
  UPPER,
  VERY_LONG_LOWER,
  VERY_LONG_UPPER,
  WHITE,
} from "./candle-shapes.ts";
import { byColor, type CandlePattern, up, upIf } from "./pattern.ts";

/** Patterns of one bar. Those of the doji family have no direction and give 100. */
export const oneBarPatterns = {
  doji: {
    definition: "Body at most a tenth of the mean range: open and close as good as equal.",
    shapes: [DOJI],
    averaged: 0,
    match: up,
  },
  dragonfly_doji: {
    definition: "A doji whose upper shadow is very short and whose lower shadow is not.",
    shapes: [DOJI | NO_UPPER | LOWER],
    averaged: 0,
    match: up,
  },
  gravestone_doji: {
    definition: "A doji whose lower shadow is very short and whose upper shadow is not.",
    shapes: [DOJI | NO_LOWER | UPPER],
    averaged: 0,
    match: up,
  },
  long_legged_doji: {
    definition: "A doji with at least one shadow longer than its own body.",
    shapes: [DOJI],
    averaged: 0,
    match: (c, i) => upIf(has(c, i, LONG_LOWER) || has(c, i, LONG_UPPER)),
  },
  rickshaw_man: {
    definition:
      "A doji with both shadows longer than its body, and the body near the middle of the bar's range.",
    shapes: [DOJI | LONG_LOWER | LONG_UPPER],
    averaged: 0,
    near: 0,
    match(c, i) {
      const middle = c.low[i]! + (c.high[i]! - c.low[i]!) / 2;
      const near = nearOf(c, i);
      return upIf(c.bottom[i]! <= middle + near && c.top[i]! >= middle - near);
    },
  },
  takuri: {
    definition: "A doji with a very short upper shadow and a lower shadow more than twice its body.",
    shapes: [DOJI | NO_UPPER | VERY_LONG_LOWER],
    averaged: 0,
    match: up,
  },
  marubozu: {
    definition: "Long body, both shadows very short. White up, black down.",
    shapes: [MARUBOZU],
    averaged: 0,
    match: byColor,
  },
  closing_marubozu: {
    definition:
      "Long body that closes at the bar's end: a white one with a very short upper shadow (up), a black one with a " +
      "very short lower shadow (down).",
    shapes: [LONG],
    averaged: 0,
    match: (c, i) => (has(c, i, WHITE | NO_UPPER) || has(c, i, BLACK | NO_LOWER) ? c.color[i]! : 0),
  },
  belt_hold: {
    definition:
      "Long body that opens at the bar's end: a white one with a very short lower shadow (up), a black one with a " +
      "very short upper shadow (down).",
    shapes: [LONG],
    averaged: 0,
    match: (c, i) => (has(c, i, WHITE | NO_LOWER) || has(c, i, BLACK | NO_UPPER) ? c.color[i]! : 0),
  },
  spinning_top: {
    definition: "Short body with both shadows longer than it. White up, black down.",
    shapes: [SHORT | LONG_UPPER | LONG_LOWER],
    averaged: 0,
    match: byColor,
  },
  high_wave: {
    definition: "Short body with both shadows more than twice its length. White up, black down.",
    shapes: [SHORT | VERY_LONG_UPPER | VERY_LONG_LOWER],
    averaged: 0,
    match: byColor,
  },
  long_line: {
    definition: "Long body, both shadows shorter than half the mean of both together. White up, black down.",
    shapes: [LONG | SHORT_SHADOWS],
    averaged: 0,
    match: byColor,
  },
  short_line: {
    definition: "Short body, both shadows shorter than half the mean of both together. White up, black down.",
    shapes: [SHORT | SHORT_SHADOWS],
    averaged: 0,
    match: byColor,
  },
} as const satisfies Readonly<Record<string, CandlePattern>>;
