import type { EventTime } from "../../shared/time/index.ts";
import type { DatasetRecord, SymbolIndex } from "../store/dataset.ts";

/** The longest time without bars that is common: a weekend with a holiday. */
const MARGIN_DAYS = 4;
const MICROS_PER_DAY = 86_400_000_000;

/** Enough of them to know how far bars lie apart. */
const SYMBOLS_ASKED_MAX = 500;

/**
 * An event time from which on most symbols have this many bars before the first new one. It is an estimate, by how far
 * bars lie apart, and rounded up generously, so that functions that look back nearly as far share what is loaded.
 */
export function firstTsNeeded(
  index: SymbolIndex,
  firstNewTs: EventTime | null,
  bars: number,
  dataset: DatasetRecord,
): number {
  // Nothing is appended: whoever is computed anew is loaded whole.
  if (firstNewTs === null) return (dataset.lastTs ?? 0) + 1;
  const spacing = spacingOf(index);
  const isDaily = dataset.columns.some(({ name, type }) => name === "ts" && type === "date32");
  const holidays = MARGIN_DAYS * (isDaily ? 1 : MICROS_PER_DAY);
  return Math.floor(firstNewTs - 1.15 * spacing * usualBars(bars) - Math.max(10 * spacing, holidays));
}

/** What nearly all functions need; more than that would be a waste to round up. */
const BARS_USUAL = 300;

/** As many bars as are loaded for a function that looks back by so many. */
export function usualBars(bars: number): number {
  return Math.max(bars, BARS_USUAL);
}

/** The median over symbols of the time from one bar to the next. */
function spacingOf({ symbols, rowCounts, firstTs, lastTs }: SymbolIndex): number {
  const step = Math.max(1, Math.floor(symbols.length / SYMBOLS_ASKED_MAX));
  const spacings: number[] = [];
  for (let i = 0; i < symbols.length; i += step) {
    if (rowCounts[i]! > 1) spacings.push((lastTs[i]! - firstTs[i]!) / (rowCounts[i]! - 1));
  }
  const sorted = spacings.toSorted((a, b) => a - b);
  return sorted[sorted.length >> 1] ?? 1;
}
