import { mkdirSync, readdirSync, readFileSync, rmSync, statSync } from "node:fs";
import { join } from "node:path";
import type { EventTime } from "../../shared/time/clocks.ts";
import { datasetPaths } from "./dataset-paths.ts";
import { replaceDurablySync } from "./durable-files.ts";

/** A first event time of each of some symbols, in the unit of `ts`; parallel arrays. */
export interface SymbolTimes {
  readonly symbols: readonly string[];
  readonly firstTs: readonly EventTime[];
}

/** What one import did to a dataset: which symbols, and from which event time on. */
export interface DatasetChange {
  readonly formatVersion: 1;
  /** The dataset's fingerprints before and after. */
  readonly from: string;
  readonly to: string;
  /** Rows whose keys were not there before. */
  readonly added: SymbolTimes;
  /** By column, other values of rows that were there; of a bitemporal dataset other latest ones. */
  readonly changed: Readonly<Record<string, SymbolTimes>>;
}

/** Versions further back than this many imports are computed whole: what is kept of imports has a bound. */
const CHANGES_KEPT = 64;

/** Notes an import before its record replaces the one before: what is noted of one that fails, nothing leads to. */
export function writeChange(dataDir: string, dataset: string, change: DatasetChange): void {
  const { changes } = datasetPaths(dataDir, dataset);
  mkdirSync(changes, { recursive: true });
  replaceDurablySync(join(changes, fileOf(change.to)), JSON.stringify(change));
  const kept = readdirSync(changes)
    .map((name) => ({ path: join(changes, name), mtimeMs: statSync(join(changes, name)).mtimeMs }))
    .toSorted((a, b) => b.mtimeMs - a.mtimeMs);
  for (const { path } of kept.slice(CHANGES_KEPT)) rmSync(path, { force: true });
}

/**
 * First event time at which each symbol has new rows, or other values in these columns, between two versions of a
 * dataset; a symbol that did not change is not there. Undefined when no unbroken chain of imports is known to lead from one to the other.
 */
export function changesBetween(
  dataDir: string,
  dataset: string,
  from: string,
  to: string,
  columns: Iterable<string>,
): ReadonlyMap<string, EventTime> | undefined {
  const { changes } = datasetPaths(dataDir, dataset);
  const first = new Map<string, EventTime>();
  const add = ({ symbols, firstTs }: SymbolTimes) => {
    for (const [i, symbol] of symbols.entries()) {
      const ts = firstTs[i]!;
      const known = first.get(symbol);
      if (known === undefined || ts < known) first.set(symbol, ts);
    }
  };
  const names = [...columns];
  let version = to;
  for (let step = 0; version !== from; step++) {
    const change = step < CHANGES_KEPT ? readChange(join(changes, fileOf(version))) : undefined;
    if (change?.to !== version) return undefined;
    add(change.added);
    for (const name of names) {
      const changed = change.changed[name];
      if (changed !== undefined) add(changed);
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
