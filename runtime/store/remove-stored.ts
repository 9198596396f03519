import { randomUUID } from "node:crypto";
import { existsSync, readdirSync, renameSync, rmSync } from "node:fs";
import { dirname, join } from "node:path";
import { datasetPaths } from "./dataset-paths.ts";
import { type FeatureSet, readFeatureSet } from "./feature-sets.ts";
import { listDatasets, readDataset } from "./read-dataset.ts";

/**
 * Removes a dataset with everything computed from it, or one of its feature sets with all versions. A rename makes it
 * disappear at once; its files are deleted after that. Throws `unknown-dataset` or `unknown-feature`. Only the process
 * that holds the lock may call it, and only while nothing reads from it.
 */
export function removeStored(dataDir: string, dataset: string, feature?: string): void {
  readDataset(dataDir, dataset);
  const { dir } = datasetPaths(dataDir, dataset);
  const gone = feature === undefined ? dir : setDir(dataDir, readFeatureSet(dataDir, dataset, feature));
  const home = feature === undefined ? dirname(dir) : dir;
  const path = join(home, `${REMOVED}${randomUUID()}`);
  renameSync(gone, path);
  rmSync(path, { recursive: true, force: true });
}

/** Finishes removals that a process began before it died. Only the process that holds the lock may call it. */
export function removeRemoved(dataDir: string): void {
  for (const home of [dataDir, ...listDatasets(dataDir).map((name) => datasetPaths(dataDir, name).dir)]) {
    if (!existsSync(home)) continue;
    for (const name of readdirSync(home)) {
      if (name.startsWith(REMOVED)) rmSync(join(home, name), { recursive: true, force: true });
    }
  }
}

/** Hidden, so that it does not look like a dataset. */
const REMOVED = ".removed-";

function setDir(dataDir: string, { dataset, name, kind }: FeatureSet): string {
  const { features, labels } = datasetPaths(dataDir, dataset);
  return join(kind === "feature" ? features : labels, name);
}
