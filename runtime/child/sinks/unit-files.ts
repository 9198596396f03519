import { writeFileSync } from "node:fs";
import { join } from "node:path";
import {
  checksumsPerUnit,
  encodeUnitFacts,
  type FileFacts,
  LATE_UNITS_FILE,
  type UnitFacts,
} from "../../../shared/row-checksum/index.ts";
import type { FeatureParquetSummary } from "../feature-parquet/feature-parquet-types.ts";

/** The file with the facts of the units. */
const UNITS_FILE = "units.bin";

/** A completed file. */
export interface FinishedFile {
  readonly file: string;
  readonly summary: FeatureParquetSummary;
}

export interface FinishedFiles {
  readonly settled: readonly FinishedFile[];
  /** The rows after the settled ones; null if there are none. */
  readonly late: FinishedFile | null;
  /** Last event time of each symbol's settled rows. */
  readonly lastTs: ReadonlyMap<string, number>;
  readonly states: Float64Array;
  readonly columnCount: number;
}

/**
 * Writes the facts about files and units as of the last settled row; with late rows, also as of the last row. Returns
 * the file's name.
 */
export function writeUnitFiles(outDir: string, { settled, late, ...known }: FinishedFiles): string {
  const { lastTs, states, columnCount } = known;
  const wordCount = checksumsPerUnit(columnCount);
  const facts = unitFactsOf(settled, wordCount, states, (symbol) => lastTs.get(symbol) ?? 0);
  const files = [
    ...settled.map((one) => factsOf(one, false)),
    ...(late === null ? [] : [factsOf(late, true)]),
  ];
  writeFileSync(join(outDir, UNITS_FILE), encodeUnitFacts(facts, { files }));
  if (late !== null) {
    const last = Number(late.summary.lastTs ?? 0);
    const ends = unitFactsOf([late], wordCount, new Float64Array(0), () => last);
    writeFileSync(join(outDir, LATE_UNITS_FILE), encodeUnitFacts(ends));
  }
  return UNITS_FILE;
}

function unitFactsOf(
  files: readonly FinishedFile[],
  wordCount: number,
  states: Float64Array,
  lastTsOf: (symbol: string) => number,
): UnitFacts {
  const units = files.flatMap(({ summary }) => summary.units);
  const words = new Uint32Array(files.reduce((sum, { summary }) => sum + summary.checksums.length, 0));
  let at = 0;
  for (const { summary } of files) {
    words.set(summary.checksums, at);
    at += summary.checksums.length;
  }
  return {
    symbols: units.map(({ symbol }) => symbol),
    rowCounts: units.map(({ rowCount }) => rowCount),
    lastTs: units.map(({ symbol }) => lastTsOf(symbol)),
    wordCount,
    words,
    stateLength: units.length === 0 ? 0 : states.length / units.length,
    states,
  };
}

function factsOf({ file, summary }: FinishedFile, isLate: boolean): FileFacts {
  return {
    file,
    isLate,
    rowCount: summary.rowCount,
    firstSymbol: summary.units[0]?.symbol ?? "",
    lastSymbol: summary.units.at(-1)?.symbol ?? "",
    nullCounts: summary.columns.map(({ nullCount }) => nullCount),
    infCounts: summary.columns.map(({ infCount }) => infCount),
    firstTs: summary.firstTs === undefined ? null : Number(summary.firstTs),
    lastTs: summary.lastTs === undefined ? null : Number(summary.lastTs),
  };
}
