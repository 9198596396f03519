import { mkdirSync, readdirSync, readFileSync, rmSync, statSync } from "node:fs";
import { join } from "node:path";
import type { EventTime } from "../../shared/time/clocks.ts";
import { datasetPaths } from "./dataset-paths.ts";
import { writeAtomically } from "./write-atomically.ts";

/** What one import did to a dataset: which symbols, and from which event time on. */
export interface DatasetChange {
  readonly formatVersion: 1;
  /** The dataset's fingerprints before and after. */
  readonly from: string;
  readonly to: string;
  readonly symbols: readonly string[];
  /** First event time added or changed of each of them, in the unit of `ts`. */
  readonly firstTs: readonly EventTime[];
}

/** Versions further back than this many imports are computed whole: what is kept of imports has a bound. */
export const CHANGES_KEPT = 64;

/** Notes an import before its record replaces the one before: what is noted of one that fails, nothing leads to. */
export function writeChange(dataDir: string, dataset: string, change: DatasetChange): void {
  const { changes } = datasetPaths(dataDir, dataset);
  mkdirSync(changes, { recursive: true });
  writeAtomically(join(changes, fileOf(change.to)), JSON.stringify(change));
  const kept = readdirSync(changes)
    .map((name) => ({ path: join(changes, name), mtimeMs: statSync(join(changes, name)).mtimeMs }))
    .toSorted((a, b) => b.mtimeMs - a.mtimeMs);
  for (const { path } of kept.slice(CHANGES_KEPT)) rmSync(path, { force: true });
}

/**
 * First event time that changed of each symbol between two versions of a dataset; a symbol that did not change is not
 * there. Undefined when no unbroken chain of imports is known to lead from one to the other.
 */
export function changesBetween(
  dataDir: string,
  dataset: string,
  from: string,
  to: string,
): ReadonlyMap<string, EventTime> | undefined {
  const { changes } = datasetPaths(dataDir, dataset);
  const first = new Map<string, EventTime>();
  let version = to;
  for (let step = 0; version !== from; step++) {
    const change = step < CHANGES_KEPT ? readChange(join(changes, fileOf(version))) : undefined;
    if (change?.to !== version) return undefined;
    for (const [i, symbol] of change.symbols.entries()) {
      const ts = change.firstTs[i]!;
      const known = first.get(symbol);
      if (known === undefined || ts < known) first.set(symbol, ts);
    }
    version = change.from;
  }
  return first;
}

function fileOf(version: string): string {
  return `${version.slice(0, 32)}.json`;
}

function readChange(path: string): DatasetChange | undefined {
  try {
    const value: unknown = JSON.parse(readFileSync(path, "utf8"));
    return isChange(value) ? value : undefined;
  } catch {
    // Missing or damaged: nothing is known of that import.
    return undefined;
  }
}

function isChange(value: unknown): value is DatasetChange {
  return typeof value === "object" && value !== null && "formatVersion" in value && value.formatVersion === 1;
}
