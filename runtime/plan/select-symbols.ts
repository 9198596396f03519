import { didYouMeanOrSome, QuiverError } from "../../shared/errors/index.ts";
import { firstIndex } from "../../shared/first-index.ts";
import { compareCodePoints } from "../store/compare-code-points.ts";

/** Sorts and deduplicates symbols; refuses one that the dataset does not have and names the nearest. */
export function checkSymbols(dataset: string, wanted: readonly string[], known: readonly string[]): string[] {
  const selected = [...new Set(wanted)].toSorted(compareCodePoints);
  for (const symbol of selected) {
    if (indexOfSymbol(known, symbol) >= 0) continue;
    throw new QuiverError(
      "unknown-symbol",
      `Cannot find the symbol ${JSON.stringify(symbol)} in the dataset ${JSON.stringify(dataset)}, which has ` +
        `${known.length === 1 ? "1 symbol" : `${known.length} symbols`}.${didYouMeanOrSome(symbol, known)}`,
      { dataset, symbol },
    );
  }
  return selected;
}

/** Position in a list sorted by code point; -1 if absent. */
export function indexOfSymbol(sorted: readonly string[], symbol: string): number {
  const at = firstIndex(0, sorted.length, (i) => compareCodePoints(sorted[i]!, symbol) >= 0);
  return sorted[at] === symbol ? at : -1;
}
