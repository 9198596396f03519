import type { EventTime } from "../../shared/time/index.ts";
import type { DatasetColumn, SymbolIndex } from "./dataset.ts";

/** The longest time without bars that is common: a weekend with a holiday. */
const MARGIN_DAYS = 4;
const MICROS_PER_DAY = 86_400_000_000;

/** Five a week. */
const DAYS_PER_BAR_MIN = 7 / 5;

/** Enough of them to know how far bars lie apart. */
const SYMBOLS_ASKED_MAX = 500;

/**
 * An event time from which on most symbols have so many bars before `ts`. It is an estimate, by how far bars lie apart,
 * and rounded generously to the past.
 */
export function barsBack(
  index: SymbolIndex,
  ts: EventTime,
  bars: number,
  columns: readonly DatasetColumn[],
): EventTime {
  const isDaily = columns.some(({ name, type }) => name === "ts" && type === "date32");
  // Several observations of one bar make bars look closer than they are.
  const spacing = Math.max(spacingOf(index), isDaily ? DAYS_PER_BAR_MIN : 0);
  const holidays = MARGIN_DAYS * (isDaily ? 1 : MICROS_PER_DAY);
  return Math.floor(ts - 1.15 * spacing * bars - Math.max(10 * spacing, holidays));
}

/** The median over symbols of the time from one bar to the next. */
export function spacingOf({ symbols, rowCounts, firstTs, lastTs }: SymbolIndex): number {
  const step = Math.max(1, Math.floor(symbols.length / SYMBOLS_ASKED_MAX));
  const spacings: number[] = [];
  for (let i = 0; i < symbols.length; i += step) {
    if (rowCounts[i]! > 1) spacings.push((lastTs[i]! - firstTs[i]!) / (rowCounts[i]! - 1));
  }
  const sorted = spacings.toSorted((a, b) => a - b);
  return sorted[sorted.length >> 1] ?? 1;
}
