import { mkdirSync, readdirSync, readFileSync, rmSync, statSync } from "node:fs";
import { join } from "node:path";
import type { EventTime } from "../../shared/time/clocks.ts";
import { datasetPaths } from "./dataset-paths.ts";
import { replaceDurablySync } from "./durable-files.ts";

/** A first event time for each of some symbols, in the unit of `ts`; the arrays are parallel. */
export interface SymbolTimes {
  readonly symbols: readonly string[];
  readonly firstTs: readonly EventTime[];
}

/** The symbols that one import changed, and from which event time on. */
export interface DatasetChange {
  readonly formatVersion: 1;
  /** The dataset's fingerprints before and after. */
  readonly from: string;
  readonly to: string;
  /** Rows with new keys. */
  readonly added: SymbolTimes;
  /** By column, rows whose values changed; in a bitemporal dataset, rows whose latest values changed. */
  readonly changed: Readonly<Record<string, SymbolTimes>>;
}

/** The limit for recorded imports. A version from before them is computed as a whole instead of appended to. */
const CHANGES_KEPT = 64;

/** Records an import before the dataset's record is replaced. If the import then fails, no version refers to this. */
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
 * For each symbol that changed between two versions of a dataset, the first event time with a new row or a changed value
 * in the given columns. Undefined when no unbroken chain of recorded imports leads from one version to the other.
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
    // The file is missing or damaged, so this import is unknown.
    return undefined;
  }
}

function isChange(value: unknown): value is DatasetChange {
  return typeof value === "object" && value !== null && "formatVersion" in value && value.formatVersion === 1;
}
