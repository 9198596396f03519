import { firstIndex } from "../../shared/first-index.ts";
import type { EventTime } from "../../shared/time/index.ts";
import type { VersionContent } from "../collect/version-content.ts";
import { compareCodePoints } from "../store/compare-code-points.ts";
import type { SymbolIndex } from "../store/dataset.ts";
import type { FirstChanges } from "./first-changes.ts";

/** A symbol with rows to compute. */
export interface ChosenSymbol {
  readonly symbol: string;
  /** Number of the segment that takes its rows. */
  readonly segment: number;
  /**
   * The symbol's number in the earlier version, which keeps all its rows of it; null if the symbol is computed from
   * its first row.
   */
  readonly keptUnit: number | null;
}

/** Which symbols are computed, and which segments lose their earlier files as a result. */
export interface Choice {
  /** In order of symbols. */
  readonly symbols: readonly ChosenSymbol[];
  /** Segments whose symbols are all recomputed from their first rows. */
  readonly recomputed: ReadonlySet<number>;
  /** The first event time to append; null if nothing is appended. */
  readonly firstNewTs: EventTime | null;
}

export interface ChoiceFacts {
  readonly content: VersionContent;
  readonly changes: FirstChanges;
  /** The dataset's current index. */
  readonly index: Pick<SymbolIndex, "symbols" | "firstTs" | "lastTs">;
  /** The event time up to which this version's rows are settled; null if it settles all of them. */
  readonly settledUntil: EventTime | null;
  /** Whether rows can be computed from the rows just before them or from a saved state. */
  readonly canAppend: boolean;
  /** Whether a stage processes all symbols of a moment together. */
  readonly isCrossSectional: boolean;
}

/** A segment with this many files is recomputed rather than given another one: readers open each file. */
export const SEGMENT_PARTS_MAX = 16;

/**
 * Decides for each symbol whether to keep, append or recompute. One change anywhere recomputes what follows the
 * settled rows for all symbols. Undefined if everything must be recomputed; publishing a whole version is better
 * then.
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
    // At an existing moment, the values of other symbols change too.
    if (isCrossSectional && (!canAppend || change <= lastOfAll)) return undefined;
    const unit = unitOf.get(symbol);
    if (unit !== undefined && (!canAppend || change <= units.lastTs[unit]!))
      recomputed.add(segmentOf(symbol));
  }
  /** The event time of the first row to compute; infinity if there is none. */
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

/** The segment whose range contains a symbol; symbols before the first segment belong to it. */
function findSegment({ segments }: VersionContent): (symbol: string) => number {
  const firsts = segments.map(({ firstSymbol }) => firstSymbol);
  return (symbol) => firstIndex(1, firsts.length, (i) => compareCodePoints(firsts[i]!, symbol) > 0) - 1;
}
