import { existsSync, readdirSync, rmdirSync, rmSync, statSync } from "node:fs";
import { basename, join } from "node:path";
import { datasetPaths } from "./dataset-paths.ts";
import { storedFiles } from "./dataset.ts";
import { findDataset } from "./read-dataset.ts";

/**
 * Removes what unfinished imports of a dataset have left: its staging folder, and files in `bars/`, `recent/` and
 * `quarantine/` that its record does not name. Files younger than `graceMs` stay, because readers may still use the
 * previous record. Returns the removed paths. Only the process that holds the lock may call it.
 */
export function removeLeftovers(
  dataDir: string,
  name: string,
  graceMs = 0,
  now: number = Date.now(),
): string[] {
  const paths = datasetPaths(dataDir, name);
  const record = findDataset(dataDir, name);
  const named = new Set([
    ...(record === undefined ? [] : [...storedFiles(record), record.index]).map(({ path }) =>
      join(paths.dir, path),
    ),
    ...(record?.sources ?? []).map((source) => join(paths.quarantine, `${source.importId}.parquet`)),
  ]);
  const removed: string[] = [];
  if (existsSync(paths.staging)) {
    rmSync(paths.staging, { recursive: true, force: true });
    removed.push(paths.staging);
  }
  for (const dir of [paths.bars, paths.recent, paths.quarantine]) {
    for (const path of filesOf(dir)) {
      if (named.has(path) || now - statSync(path).mtimeMs < graceMs) continue;
      rmSync(path, { force: true });
      removed.push(path);
    }
  }
  for (const path of filesOf(paths.dir)) {
    if (!basename(path).startsWith("dataset.json.tmp-")) continue;
    rmSync(path, { force: true });
    removed.push(path);
  }
  if (record === undefined) {
    for (const dir of [paths.bars, paths.recent, paths.quarantine, paths.dir]) removeIfEmpty(dir);
  }
  return removed;
}

function filesOf(dir: string): string[] {
  if (!existsSync(dir)) return [];
  return readdirSync(dir, { withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(dir, entry.name));
}

function removeIfEmpty(dir: string): void {
  if (existsSync(dir) && readdirSync(dir).length === 0) rmdirSync(dir);
}
