import { existsSync, mkdirSync, readdirSync, renameSync, rmSync, statSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { datasetPaths } from "./dataset-paths.ts";
import { type FeatureSet, listFeatureSets, readManifest } from "./feature-sets.ts";
import type { Manifest } from "./manifest.ts";
import { listDatasets } from "./read-dataset.ts";

/** A version that nobody needs. */
export interface GarbageVersion {
  readonly dataset: string;
  readonly name: string;
  readonly kind: "feature" | "label";
  readonly version: string;
  readonly byteLength: number;
  readonly dir: string;
}

export interface GarbageOptions {
  /** Of each feature set, so many of the newest versions stay. */
  readonly keep: number;
  /** A version stays that was current after this moment: a running query may still read it. */
  readonly notCurrentSince: Date;
}

/**
 * Finds versions that are neither current, nor among the newest, nor lately current, and whose files no version that
 * stays refers to. Decides only; `removeGarbage` does.
 */
export function findGarbage(dataDir: string, options: GarbageOptions): GarbageVersion[] {
  return listDatasets(dataDir).flatMap((dataset) =>
    listFeatureSets(dataDir, dataset).flatMap((set) => garbageOf(dataDir, set, options)),
  );
}

export function countVersions(dataDir: string): number {
  const sets = listDatasets(dataDir).flatMap((dataset) => listFeatureSets(dataDir, dataset));
  return sets.reduce((sum, { versions }) => sum + versions.length, 0);
}

function garbageOf(
  dataDir: string,
  set: FeatureSet,
  { keep, notCurrentSince }: GarbageOptions,
): GarbageVersion[] {
  const paths = datasetPaths(dataDir, set.dataset);
  const setDir = join(set.kind === "feature" ? paths.features : paths.labels, set.name);
  const versions = set.versions.map((version) => ({
    version,
    dir: join(setDir, version),
    manifest: readManifest(dataDir, set, version),
  }));
  const staying = versions.filter(({ version, manifest }, i) => {
    // What cannot be read cannot be judged.
    if (version === set.current || i < keep || manifest === undefined) return true;
    const successor = versions[i - 1]?.manifest;
    return successor !== undefined && Date.parse(successor.publishedAt) >= notCurrentSince.getTime();
  });
  const needed = new Set(staying.flatMap(({ dir, manifest }) => [dir, ...foldersReadBy(dir, manifest)]));
  return versions
    .filter(({ dir }) => !needed.has(dir))
    .map(({ version, dir }) => ({
      dataset: set.dataset,
      name: set.name,
      kind: set.kind,
      version,
      dir,
      byteLength: bytesIn(dir),
    }));
}

/** A version may consist of earlier versions' parts. */
function foldersReadBy(dir: string, manifest: Manifest | undefined): string[] {
  return (manifest?.parts ?? []).map(({ path }) => dirname(resolve(dir, path)));
}

/** By rename first: nobody ever sees half a version. */
export function removeGarbage(garbage: readonly GarbageVersion[]): void {
  for (const { dir, version } of garbage) {
    if (!existsSync(dir)) continue;
    const staging = join(dirname(dir), ".staging");
    const away = join(staging, `removed-${version}`);
    mkdirSync(staging, { recursive: true });
    rmSync(away, { recursive: true, force: true });
    renameSync(dir, away);
    rmSync(away, { recursive: true, force: true });
  }
}

function bytesIn(dir: string): number {
  return readdirSync(dir).reduce((sum, name) => sum + statSync(join(dir, name)).size, 0);
}
