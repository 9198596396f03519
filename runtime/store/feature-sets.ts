import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { didYouMean, QuiverError, thereAre } from "../../shared/errors/index.ts";
import { readCurrent } from "./current-version.ts";
import { assertName, datasetPaths } from "./dataset-paths.ts";
import type { Manifest } from "./manifest.ts";
import { readDataset } from "./read-dataset.ts";

/** A feature set of a dataset, with its versions, newest first. */
export interface FeatureSet {
  readonly dataset: string;
  readonly name: string;
  readonly kind: "feature" | "label";
  readonly current: string | null;
  readonly versions: readonly string[];
}

/** All feature sets and label sets of a dataset, sorted by name. */
export function listFeatureSets(dataDir: string, dataset: string): FeatureSet[] {
  return (["feature", "label"] as const)
    .flatMap((kind) =>
      folders(kindDir(dataDir, dataset, kind)).map((name) => featureSet(dataDir, dataset, name, kind)),
    )
    .filter((set) => set.versions.length > 0)
    .toSorted((a, b) => (a.name < b.name ? -1 : 1));
}

/** Reads one feature set or label set, and no other; undefined when nothing was published to it. */
export function findFeatureSet(
  dataDir: string,
  dataset: string,
  name: string,
  kind: "feature" | "label",
): FeatureSet | undefined {
  assertName(name, "feature set");
  const set = featureSet(dataDir, dataset, name, kind);
  return set.versions.length === 0 ? undefined : set;
}

/** One feature set; throws `unknown-feature`, with the nearest names, when it does not exist. */
export function readFeatureSet(dataDir: string, dataset: string, name: string): FeatureSet {
  readDataset(dataDir, dataset);
  assertName(name, "feature set");
  const sets = listFeatureSets(dataDir, dataset);
  const found = sets.find((set) => set.name === name);
  if (found !== undefined) return found;
  const known = sets.map((set) => set.name);
  const have = thereAre(known, "none is published yet");
  throw new QuiverError(
    "unknown-feature",
    `Cannot find the feature set ${JSON.stringify(name)} of ${dataset}: ${have}.${didYouMean(name, known)}`,
    { feature: name, dataset, known },
  );
}

/** The manifest of one version; undefined when it is missing or damaged. */
export function readManifest(dataDir: string, set: FeatureSet, version: string): Manifest | undefined {
  const path = join(kindDir(dataDir, set.dataset, set.kind), set.name, version, "manifest.json");
  const value = readJson(path);
  return isManifest(value) ? value : undefined;
}

function featureSet(dataDir: string, dataset: string, name: string, kind: "feature" | "label"): FeatureSet {
  const dir = join(kindDir(dataDir, dataset, kind), name);
  const versions = folders(dir)
    .filter((version) => existsSync(join(dir, version, "manifest.json")))
    .toSorted()
    .toReversed();
  return { dataset, name, kind, current: readCurrent(dir)?.version ?? null, versions };
}

function kindDir(dataDir: string, dataset: string, kind: "feature" | "label"): string {
  const paths = datasetPaths(dataDir, dataset);
  return kind === "feature" ? paths.features : paths.labels;
}

/** Hidden folders hold unfinished work. */
function folders(dir: string): string[] {
  if (!existsSync(dir)) return [];
  return readdirSync(dir, { withFileTypes: true })
    .filter((entry) => entry.isDirectory() && !entry.name.startsWith("."))
    .map((entry) => entry.name);
}

function readJson(path: string): unknown {
  try {
    return JSON.parse(readFileSync(path, "utf8"));
  } catch {
    // Whether the manifest is missing or damaged, there is nothing to show.
    return undefined;
  }
}

function isManifest(value: unknown): value is Manifest {
  return typeof value === "object" && value !== null && "formatVersion" in value && value.formatVersion === 1;
}
