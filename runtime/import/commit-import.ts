import { createHash } from "node:crypto";
import { existsSync, mkdirSync, renameSync } from "node:fs";
import { basename, join } from "node:path";
import type { Clocks } from "../../shared/time/clocks.ts";
import { openClocks } from "../../shared/time/clocks.ts";
import { writeChange } from "../store/dataset-changes.ts";
import type { DatasetPaths } from "../store/dataset-paths.ts";
import type { DatasetLayout } from "../../shared/protocol/dataset-kind.ts";
import type { DatasetColumn, DatasetFile, DatasetRecord, ImportCounts } from "../store/dataset.ts";
import { buildSymbolIndex, type SymbolRun } from "../store/symbol-index.ts";
import { replaceDurablySync, syncFolderSync } from "../store/durable-files.ts";
import { writeDataset } from "../store/write-dataset.ts";
import type { ImportedChanges } from "./find-changes.ts";
import type { WrittenRecentBars } from "./recent-bars.ts";
import type { WrittenFile } from "./write-bars.ts";

/** The new state of a dataset. */
export interface NewState {
  readonly facts: Pick<
    DatasetRecord,
    "name" | "kind" | "knownTime" | "sources" | "counts" | "importedAt" | "rules" | "defaults"
  >;
  readonly columns: readonly DatasetColumn[];
  readonly clocks: Clocks | null;
  readonly layout: DatasetLayout;
  /** All files in order, old and new. */
  readonly files: readonly DatasetFile[];
  readonly recent: WrittenRecentBars | undefined;
  readonly runs: Iterable<SymbolRun>;
  /** Latest `known_at` of a bitemporal dataset. */
  readonly latestKnownAt: number | null;
  readonly written: readonly WrittenFile[];
  /** The dataset before this import; undefined for its first import. */
  readonly existing: DatasetRecord | undefined;
  readonly changes: ImportedChanges;
  readonly quarantine: { readonly stagedPath: string; readonly name: string } | null;
}

/**
 * Moves staged files into place and replaces the record. Nothing refers to the files until that last rename, and after
 * it everything they need is on disk.
 */
export function commitImport(dataDir: string, paths: DatasetPaths, state: NewState): DatasetRecord {
  const index = buildSymbolIndex(state.runs, state.layout);
  const fingerprint = fingerprintOf(state);
  const indexName = `index-${fingerprint.slice(0, 16)}.json`;
  for (const { stagedPath, name } of state.written) move(stagedPath, paths.bars, name);
  if (state.recent?.stagedPath != null) {
    mkdirSync(paths.recent, { recursive: true });
    move(state.recent.stagedPath, paths.recent, basename(state.recent.bars.file.path));
    syncFolderSync(paths.recent);
  }
  replaceDurablySync(join(paths.bars, indexName), JSON.stringify(index));
  if (state.quarantine !== null) {
    mkdirSync(paths.quarantine, { recursive: true });
    move(state.quarantine.stagedPath, paths.quarantine, state.quarantine.name);
    syncFolderSync(paths.quarantine);
  }
  syncFolderSync(paths.bars);
  syncFolderSync(paths.dir);
  syncFolderSync(dataDir);
  const times = state.files.flatMap((file) =>
    file.firstTs === null || file.lastTs === null ? [] : [file.firstTs, file.lastTs],
  );
  const lastTs = times.length === 0 ? null : times.reduce((a, b) => Math.max(a, b));
  const record: DatasetRecord = {
    formatVersion: 1,
    ...state.facts,
    columns: state.columns,
    key: "symbol",
    eventTime: state.clocks === null ? null : "ts",
    clocks: state.clocks,
    layout: state.layout,
    files: state.files,
    recent: state.recent?.bars ?? null,
    index: { path: `bars/${indexName}`, symbolCount: index.symbols.length },
    rowCount: state.files.reduce((sum, file) => sum + file.rowCount, 0),
    firstTs: times.length === 0 ? null : times.reduce((a, b) => Math.min(a, b)),
    lastTs,
    latestKnownTime:
      state.latestKnownAt ??
      (state.clocks === null || lastTs === null ? null : openClocks(state.clocks).knownTimeOf(lastTs)),
    fingerprint,
  };
  noteChange(dataDir, record, state);
  writeDataset(dataDir, record);
  return record;
}

/**
 * Records the event time from which each symbol differs from before. It records nothing for attributes, which have no
 * time, and nothing if the clocks changed with the rows, because then every value may differ.
 */
function noteChange(dataDir: string, record: DatasetRecord, { existing, changes, facts }: NewState): void {
  if (existing === undefined || existing.fingerprint === record.fingerprint) return;
  if (JSON.stringify(existing.clocks) !== JSON.stringify(record.clocks)) return;
  if (facts.kind === "attributes") return;
  writeChange(dataDir, record.name, {
    formatVersion: 1,
    from: existing.fingerprint,
    to: record.fingerprint,
    ...changes,
  });
}

function move(from: string, dir: string, name: string): void {
  if (!existsSync(from)) throw new Error(`${from} was to be moved to ${dir}, but it does not exist`);
  if (existsSync(join(dir, name))) throw new Error(`${name} already exists in ${dir}`);
  renameSync(from, join(dir, name));
}

/** A hash over everything that a reader of the rows can see: their bytes, the columns and the clocks. */
function fingerprintOf(state: NewState): string {
  const facts = {
    kind: state.facts.kind,
    knownTime: state.facts.knownTime,
    columns: state.columns,
    clocks: state.clocks,
    files: state.files.map((file) => file.sha256),
  };
  return createHash("sha256").update(JSON.stringify(facts)).digest("hex");
}

/** The sum of the earlier counts and those of this import. */
export function addCounts(before: ImportCounts | undefined, now: ImportCounts): ImportCounts {
  if (before === undefined) return now;
  return {
    in: before.in + now.in,
    kept: before.kept + now.kept,
    quarantined: addEach(before.quarantined, now.quarantined),
    warnings: addEach(before.warnings, now.warnings),
  };
}

function addEach(
  a: Readonly<Record<string, number>>,
  b: Readonly<Record<string, number>>,
): Record<string, number> {
  const sum: Record<string, number> = { ...a };
  for (const [name, count] of Object.entries(b)) sum[name] = (sum[name] ?? 0) + count;
  return sum;
}
