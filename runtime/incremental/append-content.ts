import { join } from "node:path";
import type { UnitFacts } from "../../shared/row-checksum/index.ts";
import type { BaseVersion } from "../collect/find-version.ts";
import {
  joinUnits,
  pickUnits,
  segmentOf,
  type StagedFile,
  type VersionContent,
  type VersionSegment,
} from "../collect/version-content.ts";
import { compareCodePoints } from "../store/compare-code-points.ts";
import type { ManifestMaking } from "../store/manifest.ts";

export interface AppendedFiles {
  readonly base: BaseVersion;
  /** New files, and the segment each belongs to. */
  readonly files: readonly StagedFile[];
  readonly segmentNumbers: readonly number[];
  /** What the new files' symbols end with. */
  readonly units: readonly UnitFacts[];
  readonly recomputed: ReadonlySet<number>;
}

/** The earlier version's content with what was computed in its place, or after it. */
export function appendContent({ base, files, segmentNumbers, units, recomputed }: AppendedFiles): {
  readonly content: VersionContent;
  readonly made: ManifestMaking;
} {
  const { content } = base.resume;
  const segments = content.segments.map((segment, i): VersionSegment | null =>
    recomputed.has(i) ? null : referring(segment, base.manifest.version),
  );
  files.forEach((file, i) => {
    const number = segmentNumbers[i]!;
    const before = segments[number];
    const added = segmentOf(file);
    segments[number] = before == null ? added : joined(before, added);
  });
  const whole = segments.filter((segment) => segment !== null);
  const made = {
    appendedTo: base.manifest.version,
    rowsComputed: files.reduce((sum, { part }) => sum + part.rowCount, 0),
    symbolsRecomputed: symbolsOf(content, recomputed),
    partsReferenced: whole.reduce(
      (sum, { parts }) => sum + parts.filter(({ path }) => path.startsWith("..")).length,
      0,
    ),
  };
  return { content: { segments: whole, units: replaceUnits(content.units, units) }, made };
}

/** The same files, seen from a later version's folder. */
function referring(segment: VersionSegment, version: string): VersionSegment {
  const parts = segment.parts.map((part) => ({ ...part, path: join("..", version, part.path) }));
  return { ...segment, parts };
}

function joined(before: VersionSegment, added: VersionSegment): VersionSegment {
  const times = [before.firstTs, before.lastTs, added.firstTs, added.lastTs].filter((ts) => ts !== null);
  const sums = (a: readonly number[], b: readonly number[]) => a.map((count, i) => count + (b[i] ?? 0));
  return {
    parts: [...before.parts, ...added.parts],
    firstSymbol:
      compareCodePoints(added.firstSymbol, before.firstSymbol) < 0 ? added.firstSymbol : before.firstSymbol,
    nullCounts: sums(before.nullCounts, added.nullCounts),
    infCounts: sums(before.infCounts, added.infCounts),
    firstTs: times.length === 0 ? null : Math.min(...times),
    lastTs: times.length === 0 ? null : Math.max(...times),
  };
}

/** Symbols of the earlier version in these segments. */
function symbolsOf({ segments, units }: VersionContent, numbers: ReadonlySet<number>): number {
  return segments.reduce((sum, { firstSymbol }, i) => {
    if (!numbers.has(i)) return sum;
    const next = segments[i + 1]?.firstSymbol;
    const own = units.symbols.filter(
      (symbol) =>
        (i === 0 || compareCodePoints(symbol, firstSymbol) >= 0) &&
        (next === undefined || compareCodePoints(symbol, next) < 0),
    );
    return sum + own.length;
  }, 0);
}

/** New facts in place of old ones, and beside those of symbols that did not change; sorted by symbol. */
function replaceUnits(before: UnitFacts, now: readonly UnitFacts[]): UnitFacts {
  const isNew = new Set(now.flatMap(({ symbols }) => symbols));
  const kept = before.symbols.flatMap((symbol, unit) => (isNew.has(symbol) ? [] : [unit]));
  const all = joinUnits([pickUnits(before, kept), ...now]);
  const order = all.symbols
    .map((_, unit) => unit)
    .toSorted((a, b) => compareCodePoints(all.symbols[a]!, all.symbols[b]!));
  return pickUnits(all, order);
}
