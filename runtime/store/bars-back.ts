import type { EventTime } from "../../shared/time/index.ts";
import type { DatasetColumn, SymbolIndex } from "./dataset.ts";

/** The longest common time without bars: a weekend with a holiday. */
const MARGIN_DAYS = 4;
const MICROS_PER_DAY = 86_400_000_000;

/** Daily bars come on five days a week. */
const DAYS_PER_BAR_MIN = 7 / 5;

/** A sample of this size is enough to estimate the time between bars. */
const SYMBOLS_ASKED_MAX = 500;

/**
 * Estimates an event time early enough that most symbols have at least `bars` bars between it and `ts`. The estimate
 * comes from the typical time between bars and errs generously to the past.
 */
export function barsBack(
  index: SymbolIndex,
  ts: EventTime,
  bars: number,
  columns: readonly DatasetColumn[],
): EventTime {
  const isDaily = columns.some(({ name, type }) => name === "ts" && type === "date32");
  // Several observations of one bar make bars look closer together than they are.
  const spacing = Math.max(spacingOf(index), isDaily ? DAYS_PER_BAR_MIN : 0);
  const holidays = MARGIN_DAYS * (isDaily ? 1 : MICROS_PER_DAY);
  return Math.floor(ts - 1.15 * spacing * bars - Math.max(10 * spacing, holidays));
}

/** The median over symbols of the average time between bars. */
export function spacingOf({ symbols, rowCounts, firstTs, lastTs }: SymbolIndex): number {
  const step = Math.max(1, Math.floor(symbols.length / SYMBOLS_ASKED_MAX));
  const spacings: number[] = [];
  for (let i = 0; i < symbols.length; i += step) {
    if (rowCounts[i]! > 1) spacings.push((lastTs[i]! - firstTs[i]!) / (rowCounts[i]! - 1));
  }
  const sorted = spacings.toSorted((a, b) => a - b);
  return sorted[sorted.length >> 1] ?? 1;
}
