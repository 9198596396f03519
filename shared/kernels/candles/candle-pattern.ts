import { oneBarPatterns } from "./one-bar-patterns.ts";
import type { CandleOptions, CandlePattern } from "./pattern.ts";
import type { CandlePeriods, Candles } from "./read-candles.ts";
import { threeBarPatterns } from "./three-bar-patterns.ts";
import { twoBarPatterns } from "./two-bar-patterns.ts";

/** Every pattern by its name, each with its definition in words. */
export const candlePatterns = { ...oneBarPatterns, ...twoBarPatterns, ...threeBarPatterns } as const;

export type CandlePatternName = keyof typeof candlePatterns;

/** The names of all patterns: those of one bar, of two, and of three or more. */
export const candlePatternNames: readonly CandlePatternName[] = Object.keys(candlePatterns).filter(
  (name): name is CandlePatternName => name in candlePatterns,
);

/**
 * Finds the bars at which a pattern ends: 100 where it occurs and points up (or has no direction), -100 where it
 * points down, 0 where it does not occur.
 *
 * "Long", "short", "near" and similar words are measured against means over the bars before (`readCandles`), with
 * TA-Lib's default factors. A body is long above and short below the mean body; the body of a doji is at most 0.1 of
 * the mean range. A shadow is very short below 0.1 of the mean range. Prices are near within 0.2, far apart beyond
 * 0.6, and equal within 0.05 of the mean range. A bar is white if its close is at or above its open. The preceding
 * trend is not considered. Null: `valid` is 0 (and `out` 0) until the look-back (`candleLookBack`) is full, and while
 * it contains a bar with a null price. Finite: depends on those bars alone. Source: TA-Lib's pattern recognition (the
 * CDL functions) and its default candle settings; `candlePatterns` describes each definition in words.
 */
export function candlePattern(
  candles: Candles,
  name: CandlePatternName,
  out: Int32Array,
  valid: Uint8Array,
  { starPenetration = 0.3, cloudPenetration = 0.5 }: Partial<CandleOptions> = {},
): void {
  for (const [what, array] of [
    ["out", out],
    ["valid", valid],
  ] as const) {
    if (array.length === candles.length) continue;
    throw new RangeError(
      `Cannot compute candlePattern ${name}: ${what} has ${array.length} elements, expected ${candles.length}, one a candle.`,
    );
  }
  const pattern: CandlePattern = candlePatterns[name];
  const lookBack = candleLookBack(name, candles);
  markKnown(candles.complete, lookBack, valid);
  findPattern(candles, pattern, { starPenetration, cloudPenetration }, valid, out);
}

/** Two small loops instead of one, because runtimes compile those well. */
function markKnown(complete: Int32Array, lookBack: number, valid: Uint8Array): void {
  for (let i = 0; i < complete.length; i++) valid[i] = complete[i]! > lookBack ? 1 : 0;
}

function findPattern(
  candles: Candles,
  pattern: CandlePattern,
  options: CandleOptions,
  valid: Uint8Array,
  out: Int32Array,
): void {
  const { shapes } = pattern;
  const { shape } = candles;
  const first = shapes[0]!;
  for (let i = 0; i < out.length; i++) {
    out[i] = 0;
    if (valid[i] === 0 || (first & ~shape[i]!) !== 0) continue;
    if (shapes.length > 1 && !haveShapes(shape, shapes, i)) continue;
    out[i] = 100 * pattern.match(candles, i, options);
  }
}

function haveShapes(shape: Int32Array, shapes: readonly number[], i: number): boolean {
  for (let k = 1; k < shapes.length; k++) if ((shapes[k]! & ~shape[i - k]!) !== 0) return false;
  return true;
}

/**
 * Number of bars before the current one that a pattern depends on: its own earlier bars and those that its means
 * cover.
 */
export function candleLookBack(
  name: CandlePatternName,
  { period = 10, nearPeriod = 5 }: CandlePeriods = {},
): number {
  const { shapes, averaged, near }: CandlePattern = candlePatterns[name];
  return Math.max(
    shapes.length - 1,
    averaged === undefined ? 0 : averaged + period,
    near === undefined ? 0 : near + nearPeriod,
  );
}
