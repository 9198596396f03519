import type { EventTime } from "../../shared/time/index.ts";
import { barsBack } from "../store/bars-back.ts";
import type { DatasetRecord, SymbolIndex } from "../store/dataset.ts";

/** An event time from which on most symbols have as many bars as are loaded before the first new one. */
export function firstTsNeeded(
  index: SymbolIndex,
  firstNewTs: EventTime | null,
  bars: number,
  dataset: DatasetRecord,
): number {
  // Nothing is appended: whoever is computed anew is loaded whole.
  if (firstNewTs === null) return (dataset.lastTs ?? 0) + 1;
  return barsBack(index, firstNewTs, usualBars(bars), dataset.columns);
}

/** What nearly all functions need; more than that would be a waste to round up. */
const BARS_USUAL = 300;

/** As many bars as are loaded for a function that looks back by so many, so that functions share what is loaded. */
export function usualBars(bars: number): number {
  return Math.max(bars, BARS_USUAL);
}
