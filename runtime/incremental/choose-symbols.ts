import type { EventTime } from "../../shared/time/index.ts";
import type { VersionContent } from "../collect/version-content.ts";
import { compareCodePoints } from "../store/compare-code-points.ts";
import type { SymbolIndex } from "../store/dataset.ts";
import type { FirstChanges } from "./first-changes.ts";

/** A symbol of which rows are to be computed. */
export interface ChosenSymbol {
  readonly symbol: string;
  /** Number of the segment its rows go to. */
  readonly segment: number;
  /** Its number in the earlier version, whose rows of it all stay; null when it is computed from its first row. */
  readonly keptUnit: number | null;
}

/** Which symbols are computed, and which segments lose their earlier files to that. */
export interface Choice {
  /** In order of symbols. */
  readonly symbols: readonly ChosenSymbol[];
  /** Segments whose symbols are all computed from their first rows. */
  readonly recomputed: ReadonlySet<number>;
  /** First event time to be appended; null when nothing is. */
  readonly firstNewTs: EventTime | null;
}

export interface ChoiceFacts {
  readonly content: VersionContent;
  readonly changes: FirstChanges;
  /** Of the dataset as it is now. */
  readonly index: Pick<SymbolIndex, "symbols" | "firstTs" | "lastTs">;
  /** The event time that this version's rows are settled up to; null when it settles all of them. */
  readonly settledUntil: EventTime | null;
  /** Whether rows can be computed from the rows just before them, or from a saved state. */
  readonly canAppend: boolean;
  /** Whether a stage looks at all symbols of a moment together. */
  readonly isCrossSectional: boolean;
}

/** A segment of more files than this is computed whole instead of getting one more: readers open each of them. */
export const SEGMENT_PARTS_MAX = 16;

/**
 * Decides, symbol by symbol, between keeping, appending and computing anew. What comes after the settled rows is computed
 * again for all symbols as soon as something changed for one. Undefined when everything is to be computed, which a
 * version of its own does better.
 */
export function chooseSymbols(facts: ChoiceFacts): Choice | undefined {
  const { content, changes, index, canAppend, isCrossSectional } = facts;
  const { segments, units, tail } = content;
  const { symbols } = index;
  const known = new Set(symbols);
  if (segments.length === 0 || units.symbols.some((symbol) => !known.has(symbol))) return undefined;
  if (tail !== null && !canAppend) return undefined;
  const unitOf = new Map(units.symbols.map((symbol, unit) => [symbol, unit]));
  const changeOf = (symbol: string) => {
    const own = changes.bySymbol.get(symbol) ?? Number.POSITIVE_INFINITY;
    return Math.min(own, changes.ofAll ?? Number.POSITIVE_INFINITY);
  };
  const changed = symbols.filter((symbol) => changeOf(symbol) < Number.POSITIVE_INFINITY);
  if (changed.length === 0) return { symbols: [], recomputed: new Set(), firstNewTs: null };
  const segmentOf = findSegment(content);
  const lastOfAll = units.lastTs.reduce((last, ts) => Math.max(last, ts), Number.NEGATIVE_INFINITY);
  const recomputed = new Set<number>();
  for (const symbol of changed) {
    const change = changeOf(symbol);
    // At a moment that is there already the values of others change too.
    if (isCrossSectional && (!canAppend || change <= lastOfAll)) return undefined;
    const unit = unitOf.get(symbol);
    if (unit !== undefined && (!canAppend || change <= units.lastTs[unit]!))
      recomputed.add(segmentOf(symbol));
  }
  /** When the first row comes that is to be computed; infinity where there is none. */
  const firstNew = symbols.map((symbol, i) => {
    const unit = unitOf.get(symbol);
    const isLate = tail !== null && (unit === undefined || index.lastTs[i]! > units.lastTs[unit]!);
    const late = isLate ? tail.settledUntil + 1 : Number.POSITIVE_INFINITY;
    if (unit !== undefined) return Math.min(changeOf(symbol), late);
    return isLate || changeOf(symbol) < Number.POSITIVE_INFINITY ? index.firstTs[i]! : late;
  });
  symbols.forEach((symbol, i) => {
    const isSettled = firstNew[i]! <= (facts.settledUntil ?? Number.MAX_VALUE);
    const segment = segmentOf(symbol);
    if (isSettled && segments[segment]!.parts.length >= SEGMENT_PARTS_MAX) recomputed.add(segment);
  });
  if (recomputed.size === segments.length || (isCrossSectional && recomputed.size > 0)) return undefined;
  let firstNewTs = Number.POSITIVE_INFINITY;
  const chosen = symbols.flatMap((symbol, i): ChosenSymbol[] => {
    const segment = segmentOf(symbol);
    const isAnew = recomputed.has(segment);
    if (firstNew[i] === Number.POSITIVE_INFINITY && !isAnew) return [];
    const keptUnit = isAnew ? null : (unitOf.get(symbol) ?? null);
    if (keptUnit !== null) firstNewTs = Math.min(firstNewTs, firstNew[i]!);
    return [{ symbol, segment, keptUnit }];
  });
  return { symbols: chosen, recomputed, firstNewTs: Number.isFinite(firstNewTs) ? firstNewTs : null };
}

/** The segment whose range a symbol lies in; symbols before the first belong to the first. */
function findSegment({ segments }: VersionContent): (symbol: string) => number {
  const firsts = segments.map(({ firstSymbol }) => firstSymbol);
  return (symbol) => {
    let low = 0;
    let high = firsts.length - 1;
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if (compareCodePoints(firsts[middle]!, symbol) <= 0) low = middle;
      else high = middle - 1;
    }
    return low;
  };
}
