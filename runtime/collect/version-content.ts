import { readFile } from "node:fs/promises";
import { join } from "node:path";
import {
  decodeUnitFacts,
  type FileFacts,
  LATE_UNITS_FILE,
  type UnitFacts,
} from "../../shared/row-checksum/index.ts";
import type { EventTime } from "../../shared/time/index.ts";
import type { PartitionResult } from "../results/partition-result.ts";
import { compareCodePoints } from "../store/compare-code-points.ts";
import type { ManifestPart } from "../store/manifest.ts";

/** Files and the statistics of their rows. */
export interface VersionFiles {
  readonly parts: readonly ManifestPart[];
  /** By output. */
  readonly nullCounts: readonly number[];
  readonly infCounts: readonly number[];
  readonly firstTs: number | null;
  readonly lastTs: number | null;
}

/**
 * A run of neighbouring symbols and its files: one from when it was computed, and one for each time later rows were
 * settled. The files hold every settled row of these symbols and no other rows.
 */
export interface VersionSegment extends VersionFiles {
  /** The segment holds the symbols from here up to the next segment's first. */
  readonly firstSymbol: string;
}

/** The late rows of all symbols, in files of their own: the next version leaves them out and computes them again. */
export interface VersionTail extends VersionFiles {
  /** The event time up to which rows are settled. */
  readonly settledUntil: EventTime;
}

/** The content of a version, by segment and by symbol. */
export interface VersionContent {
  /** In order of symbols. */
  readonly segments: readonly VersionSegment[];
  /** What each symbol's settled rows end with. */
  readonly units: UnitFacts;
  /** Null if every row is settled. */
  readonly tail: VersionTail | null;
}

/** A partition's file in the staging folder. */
export interface StagedFile {
  readonly part: ManifestPart;
  readonly facts: FileFacts;
}

/** What a partition's process wrote: its files and the facts of their symbols. */
export interface PartitionFacts {
  readonly files: readonly FileFacts[];
  /** For symbols with settled rows, the facts as of the last of them. */
  readonly units: UnitFacts;
  /** For symbols with late rows, the facts as of their last row. */
  readonly ends: UnitFacts;
}

/** The content of a version that was computed whole: one segment for each file of settled rows. */
export function contentOf(
  files: readonly StagedFile[],
  facts: readonly PartitionFacts[],
  settledUntil: EventTime | null,
): VersionContent {
  return {
    segments: files.filter((file) => !file.facts.isLate).map(segmentOf),
    units: joinUnits(facts.map(({ units }) => units)),
    tail: settledUntil === null ? null : tailOf(files, settledUntil),
  };
}

export function segmentOf(file: StagedFile): VersionSegment {
  return { ...filesOf(file), firstSymbol: file.facts.firstSymbol };
}

/** The late files among these. */
export function tailOf(files: readonly StagedFile[], settledUntil: EventTime): VersionTail {
  const none = { parts: [], nullCounts: [], infCounts: [], firstTs: null, lastTs: null };
  const late = files.filter(({ facts }) => facts.isLate).map(filesOf);
  return { ...late.reduce(joinFiles, none), settledUntil };
}

/** Joins two sets of files into one. */
export function joinFiles(before: VersionFiles, added: VersionFiles): VersionFiles {
  const times = [before.firstTs, before.lastTs, added.firstTs, added.lastTs].filter((ts) => ts !== null);
  const sums = (a: readonly number[], b: readonly number[]) =>
    (a.length > b.length ? a : b).map((_, i) => (a[i] ?? 0) + (b[i] ?? 0));
  return {
    parts: [...before.parts, ...added.parts],
    nullCounts: sums(before.nullCounts, added.nullCounts),
    infCounts: sums(before.infCounts, added.infCounts),
    firstTs: times.length === 0 ? null : Math.min(...times),
    lastTs: times.length === 0 ? null : Math.max(...times),
  };
}

function filesOf({ part, facts }: StagedFile): VersionFiles {
  const { nullCounts, infCounts, firstTs, lastTs } = facts;
  return { parts: [part], nullCounts, infCounts, firstTs, lastTs };
}

/** Reads what a partition's process recorded about its files and units. */
export async function partitionFactsOf({ reply, outDir }: PartitionResult): Promise<PartitionFacts> {
  if (reply.checksumFile === null) return { files: [], units: NO_UNITS, ends: NO_UNITS };
  const { more, facts: units } = await readFacts(outDir, reply.checksumFile);
  if (!hasFiles(more)) throw new Error(`${reply.checksumFile} of a partition names no files`);
  const hasLate = more.files.some(({ isLate }) => isLate);
  const ends = hasLate ? (await readFacts(outDir, LATE_UNITS_FILE)).facts : NO_UNITS;
  return { files: more.files, units, ends };
}

async function readFacts(outDir: string, file: string) {
  const decoded = decodeUnitFacts(await readFile(join(outDir, file)));
  if (decoded === undefined) throw new Error(`${file} of a partition is not what its process writes`);
  return decoded;
}

function hasFiles(more: object): more is { readonly files: readonly FileFacts[] } {
  return "files" in more && Array.isArray(more.files);
}

const NO_UNITS: UnitFacts = {
  symbols: [],
  rowCounts: [],
  lastTs: [],
  wordCount: 0,
  words: new Uint32Array(0),
  stateLength: 0,
  states: new Float64Array(0),
};

/** Joins the facts of different symbols, in the order given. */
function joinUnits(all: readonly UnitFacts[]): UnitFacts {
  const facts = all.filter(({ symbols }) => symbols.length > 0);
  const [first] = facts;
  if (first === undefined) return NO_UNITS;
  const { wordCount, stateLength } = first;
  const count = facts.reduce((sum, { symbols }) => sum + symbols.length, 0);
  const words = new Uint32Array(count * wordCount);
  const states = new Float64Array(count * stateLength);
  let unit = 0;
  for (const one of facts) {
    words.set(one.words, unit * wordCount);
    states.set(one.states, unit * stateLength);
    unit += one.symbols.length;
  }
  return {
    symbols: facts.flatMap(({ symbols }) => symbols),
    rowCounts: facts.flatMap(({ rowCounts }) => rowCounts),
    lastTs: facts.flatMap(({ lastTs }) => lastTs),
    wordCount,
    words,
    stateLength,
    states,
  };
}

/** Replaces the facts of symbols that have new ones and keeps the others; sorted by symbol. */
export function replaceUnits(before: UnitFacts, now: readonly UnitFacts[]): UnitFacts {
  const isNew = new Set(now.flatMap(({ symbols }) => symbols));
  const kept = before.symbols.flatMap((symbol, unit) => (isNew.has(symbol) ? [] : [unit]));
  const all = joinUnits([pickUnits(before, kept), ...now]);
  const order = all.symbols
    .map((_, unit) => unit)
    .toSorted((a, b) => compareCodePoints(all.symbols[a]!, all.symbols[b]!));
  return pickUnits(all, order);
}

/** Picks units of these facts by their numbers. */
export function pickUnits(facts: UnitFacts, units: readonly number[]): UnitFacts {
  const { wordCount, stateLength } = facts;
  const words = new Uint32Array(units.length * wordCount);
  const states = new Float64Array(units.length * stateLength);
  // Neighbouring units are copied together: most are picked in the order in which they are.
  for (let i = 0; i < units.length;) {
    const first = units[i]!;
    let count = 1;
    while (units[i + count] === first + count) count++;
    const end = first + count;
    words.set(facts.words.subarray(first * wordCount, end * wordCount), i * wordCount);
    states.set(facts.states.subarray(first * stateLength, end * stateLength), i * stateLength);
    i += count;
  }
  return {
    symbols: units.map((unit) => facts.symbols[unit]!),
    rowCounts: units.map((unit) => facts.rowCounts[unit]!),
    lastTs: units.map((unit) => facts.lastTs[unit]!),
    wordCount,
    words,
    stateLength,
    states,
  };
}
