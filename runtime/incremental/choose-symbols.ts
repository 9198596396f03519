import type { EventTime } from "../../shared/time/index.ts";
import type { VersionContent } from "../collect/version-content.ts";
import { compareCodePoints } from "../store/compare-code-points.ts";
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
  /** Symbols of the dataset as it is now, sorted. */
  readonly symbols: readonly string[];
  /** Whether rows can be computed from the rows just before them, or from a saved state. */
  readonly canAppend: boolean;
  /** Whether a stage looks at all symbols of a moment together. */
  readonly isCrossSectional: boolean;
}

/** A segment of more files than this is computed whole instead of getting one more: readers open each of them. */
export const SEGMENT_PARTS_MAX = 32;

/**
 * Decides, symbol by symbol, between keeping, appending and computing anew. Undefined when everything is to be computed,
 * which a version of its own does better.
 */
export function chooseSymbols(facts: ChoiceFacts): Choice | undefined {
  const { content, changes, symbols, canAppend, isCrossSectional } = facts;
  const { segments, units } = content;
  const known = new Set(symbols);
  if (segments.length === 0 || units.symbols.some((symbol) => !known.has(symbol))) return undefined;
  const unitOf = new Map(units.symbols.map((symbol, unit) => [symbol, unit]));
  const changeOf = (symbol: string) => {
    const own = changes.bySymbol.get(symbol) ?? Number.POSITIVE_INFINITY;
    return Math.min(own, changes.ofAll ?? Number.POSITIVE_INFINITY);
  };
  const segmentOf = findSegment(content);
  const lastOfAll = units.lastTs.reduce((last, ts) => Math.max(last, ts), Number.NEGATIVE_INFINITY);
  const recomputed = new Set<number>();
  const touched = new Set<number>();
  let firstNewTs = Number.POSITIVE_INFINITY;
  for (const symbol of symbols) {
    const change = changeOf(symbol);
    if (change === Number.POSITIVE_INFINITY) continue;
    // At a moment that is there already the values of others change too.
    if (isCrossSectional && (!canAppend || change <= lastOfAll)) return undefined;
    const segment = segmentOf(symbol);
    const unit = unitOf.get(symbol);
    touched.add(segment);
    if (unit === undefined) continue;
    if (!canAppend || change <= units.lastTs[unit]!) recomputed.add(segment);
    else firstNewTs = Math.min(firstNewTs, change);
  }
  for (const segment of touched) {
    if (segments[segment]!.parts.length >= SEGMENT_PARTS_MAX) recomputed.add(segment);
  }
  if (recomputed.size === segments.length || (isCrossSectional && recomputed.size > 0)) return undefined;
  const chosen = symbols.flatMap((symbol): ChosenSymbol[] => {
    const segment = segmentOf(symbol);
    const isChanged = changeOf(symbol) < Number.POSITIVE_INFINITY;
    if (!isChanged && !recomputed.has(segment)) return [];
    const unit = recomputed.has(segment) ? undefined : unitOf.get(symbol);
    return [{ symbol, segment, keptUnit: unit ?? null }];
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
