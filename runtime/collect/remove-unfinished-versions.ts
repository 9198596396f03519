import { existsSync, readdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import { datasetPaths } from "../store/dataset-paths.ts";
import { listDatasets } from "../store/read-dataset.ts";
import { removeRemoved } from "../store/remove-stored.ts";
import { STAGING } from "./publish-target.ts";

/**
 * Removes the leftovers of interrupted publishes and removals: staging folders, unfinished replacements of
 * `current`, and folders being removed. Nothing refers to them, and a repeated publish computes its parts again.
 * The caller must hold the data directory's lock and call this before anything is published. Returns the removed
 * paths.
 */
export function removeUnfinishedVersions(dataDir: string): string[] {
  removeRemoved(dataDir);
  const leftovers = listDatasets(dataDir)
    .flatMap((dataset) => {
      const { features, labels } = datasetPaths(dataDir, dataset);
      return [features, labels];
    })
    .flatMap((dir) => entries(dir))
    .flatMap((setDir) => entries(setDir).filter((path) => isLeftover(path.slice(setDir.length + 1))));
  for (const path of leftovers) rmSync(path, { recursive: true, force: true });
  return leftovers;
}

function isLeftover(name: string): boolean {
  return name === STAGING || name.startsWith("current.json.tmp-");
}

function entries(dir: string): string[] {
  return existsSync(dir) ? readdirSync(dir).map((name) => join(dir, name)) : [];
}
