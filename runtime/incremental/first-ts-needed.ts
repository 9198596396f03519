import type { EventTime } from "../../shared/time/index.ts";
import { barsBack } from "../store/bars-back.ts";
import type { DatasetRecord, SymbolIndex } from "../store/dataset.ts";

/** An event time from which most symbols have enough bars before the first new one. */
export function firstTsNeeded(
  index: SymbolIndex,
  firstNewTs: EventTime | null,
  bars: number,
  dataset: DatasetRecord,
): number {
  // Nothing is appended, and symbols that are recomputed are loaded whole.
  if (firstNewTs === null) return (dataset.lastTs ?? 0) + 1;
  return barsBack(index, firstNewTs, usualBars(bars), dataset.columns);
}

/** Enough for nearly all functions; rounding up further would be wasteful. */
const BARS_USUAL = 300;

/** Rounds a look-back up, so that functions with shorter ones share what is loaded. */
export function usualBars(bars: number): number {
  return Math.max(bars, BARS_USUAL);
}
