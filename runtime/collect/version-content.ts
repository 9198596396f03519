import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { decodeUnitFacts, type FileFacts, type UnitFacts } from "../../shared/row-checksum/index.ts";
import type { PartitionResult } from "../invoke/run-plan.ts";
import type { ManifestPart } from "../store/manifest.ts";

/**
 * A run of neighbouring symbols and the files that hold them: one when it was computed, one more for each time rows
 * were appended to it. Every row of these symbols is in these files, and no other.
 */
export interface VersionSegment {
  readonly parts: readonly ManifestPart[];
  /** Symbols from here on belong to it, up to the next segment's first. */
  readonly firstSymbol: string;
  /** By output. */
  readonly nullCounts: readonly number[];
  readonly infCounts: readonly number[];
  readonly firstTs: number | null;
  readonly lastTs: number | null;
}

/** What a version consists of, segment by segment and symbol by symbol. */
export interface VersionContent {
  /** In order of symbols. */
  readonly segments: readonly VersionSegment[];
  readonly units: UnitFacts;
}

/** A file of a partition that lies in the staging folder. */
export interface StagedFile {
  readonly part: ManifestPart;
  readonly facts: FileFacts;
}

/** What a partition's process wrote: its files, and what is known of their symbols. */
export interface PartitionFacts {
  readonly files: readonly FileFacts[];
  readonly units: UnitFacts;
}

/** The content of a version that was computed whole: a segment for each file. */
export function contentOf(files: readonly StagedFile[], facts: readonly PartitionFacts[]): VersionContent {
  return { segments: files.map(segmentOf), units: joinUnits(facts.map(({ units }) => units)) };
}

export function segmentOf({ part, facts }: StagedFile): VersionSegment {
  const { nullCounts, infCounts, firstTs, lastTs, firstSymbol } = facts;
  return { parts: [part], firstSymbol, nullCounts, infCounts, firstTs, lastTs };
}

/** Reads what a partition's process wrote of its files and units. */
export async function partitionFactsOf({ reply, outDir }: PartitionResult): Promise<PartitionFacts> {
  if (reply.checksumFile === null) return { files: [], units: NO_UNITS };
  const decoded = decodeUnitFacts(await readFile(join(outDir, reply.checksumFile)));
  if (decoded === undefined || !hasFiles(decoded.more))
    throw new Error(`${reply.checksumFile} of a partition is not what its process writes`);
  return { files: decoded.more.files, units: decoded.facts };
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

/** Facts of different symbols as one, in the order given. */
export function joinUnits(all: readonly UnitFacts[]): UnitFacts {
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

/** Some units of these facts, by their numbers. */
export function pickUnits(facts: UnitFacts, units: readonly number[]): UnitFacts {
  const { wordCount, stateLength } = facts;
  const words = new Uint32Array(units.length * wordCount);
  const states = new Float64Array(units.length * stateLength);
  units.forEach((unit, i) => {
    words.set(facts.words.subarray(unit * wordCount, (unit + 1) * wordCount), i * wordCount);
    states.set(facts.states.subarray(unit * stateLength, (unit + 1) * stateLength), i * stateLength);
  });
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
