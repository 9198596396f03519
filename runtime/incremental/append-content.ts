import { join } from "node:path";
import type { UnitFacts } from "../../shared/row-checksum/index.ts";
import type { EventTime } from "../../shared/time/index.ts";
import type { BaseVersion } from "../collect/find-version.ts";
import {
  joinFiles,
  type PartitionFacts,
  replaceUnits,
  segmentOf,
  type StagedFile,
  tailOf,
  type VersionContent,
  type VersionFiles,
  type VersionSegment,
} from "../collect/version-content.ts";
import { compareCodePoints } from "../store/compare-code-points.ts";
import type { ManifestMaking } from "../store/manifest.ts";
import type { Choice } from "./choose-symbols.ts";

export interface AppendedFiles {
  readonly base: BaseVersion;
  readonly choice: Choice;
  /** Files computed for this version. */
  readonly files: readonly StagedFile[];
  /** The number of the segment for a symbol's settled rows. */
  readonly segmentNumberOf: (symbol: string) => number;
  readonly facts: readonly PartitionFacts[];
  /** The event time up to which the new files are settled. */
  readonly settledUntil: EventTime | null;
}

export interface AppendedContent {
  readonly content: VersionContent;
  readonly made: ManifestMaking;
  /** What every symbol ends with; null if no row has changed. */
  readonly ends: UnitFacts | null;
}

/** Combines the earlier version's content with the files computed to replace or extend it. */
export function appendContent(appended: AppendedFiles): AppendedContent {
  const { base, choice, files, facts, settledUntil } = appended;
  const { content, manifest } = { content: base.resume.content, manifest: base.manifest };
  const { recomputed } = choice;
  const segments = content.segments.map((segment, i): VersionSegment | null =>
    recomputed.has(i) ? null : referring(segment, manifest.version),
  );
  for (const file of files.filter((one) => !one.facts.isLate)) {
    const number = appended.segmentNumberOf(file.part.firstSymbol);
    const before = segments[number];
    const added = segmentOf(file);
    segments[number] = before == null ? added : joined(before, added);
  }
  const whole = segments.filter((segment) => segment !== null);
  const isSame = choice.symbols.length === 0;
  const kept = content.tail === null ? null : referring(content.tail, manifest.version);
  const tail = isSame ? kept : settledUntil === null ? null : tailOf(files, settledUntil);
  const units = replaceUnits(
    content.units,
    facts.map((one) => one.units),
  );
  const all: readonly VersionFiles[] = tail === null ? whole : [...whole, tail];
  const made = {
    appendedTo: manifest.version,
    rowsComputed: files.reduce((sum, { part }) => sum + part.rowCount, 0),
    symbolsRecomputed: symbolsOf(content, recomputed),
    partsReferenced: all.reduce(
      (sum, { parts }) => sum + parts.filter(({ path }) => path.startsWith("..")).length,
      0,
    ),
  };
  const ends = isSame
    ? null
    : replaceUnits(
        units,
        facts.map((one) => one.ends),
      );
  return { content: { segments: whole, units, tail }, made, ends };
}

/** The same files, addressed from a later version's folder. */
function referring<Files extends VersionFiles>(files: Files, version: string): Files {
  const parts = files.parts.map((part) => ({ ...part, path: join("..", version, part.path) }));
  return { ...files, parts };
}

function joined(before: VersionSegment, added: VersionSegment): VersionSegment {
  const isBefore = compareCodePoints(added.firstSymbol, before.firstSymbol) < 0;
  return { ...joinFiles(before, added), firstSymbol: isBefore ? added.firstSymbol : before.firstSymbol };
}

/** How many symbols of the earlier version lie in these segments. */
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
