import { didYouMean, QuiverError, thereAre } from "../../shared/errors/index.ts";
import type { DatasetRecord } from "../store/dataset.ts";
import { listFeatureSets, readManifest, type FeatureSet } from "../store/feature-sets.ts";
import type { Manifest } from "../store/manifest.ts";
import { readDataset } from "../store/read-dataset.ts";
import type { FeatureReference } from "./parse-feature.ts";
import type { PlannedOutput } from "../../shared/protocol/training-plan.ts";

/** A version from which columns are read. */
export interface ChosenSet {
  readonly record: DatasetRecord;
  readonly manifest: Manifest;
}

export interface ChosenColumns {
  readonly sets: readonly ChosenSet[];
  readonly outputs: readonly PlannedOutput[];
}

/**
 * Finds the versions and columns of the requested features, then of the labels. Unknown names are refused with the
 * nearest names; a label among the features (or the other way round) is refused with the option to which it belongs.
 */
export function chooseSets(
  dataDir: string,
  features: readonly FeatureReference[],
  labels: readonly FeatureReference[],
): ChosenColumns {
  const sets = new Map<string, ChosenSet & { readonly index: number }>();
  const outputs: PlannedOutput[] = [];
  const wanted = [
    ...features.map((reference) => ({ reference, kind: "feature" as const })),
    ...labels.map((reference) => ({ reference, kind: "label" as const })),
  ];
  for (const { reference, kind } of wanted) {
    const record = datedDataset(dataDir, reference);
    const found = findSet(dataDir, reference, kind);
    const version = versionOf(found, reference);
    const key = `${found.dataset}:${kind}:${found.name}@${version}`;
    let set = sets.get(key);
    if (set === undefined) {
      set = { record, manifest: manifestOf(dataDir, found, version), index: sets.size };
      sets.set(key, set);
    }
    const { index } = set;
    const columns = columnsOf(set.manifest, reference);
    outputs.push(...columns.map((column) => ({ set: index, column, alias: reference.alias })));
  }
  return { sets: [...sets.values()], outputs };
}

function datedDataset(dataDir: string, { dataset, text }: FeatureReference): DatasetRecord {
  const record = readDataset(dataDir, dataset);
  if (record.clocks !== null) return record;
  throw new QuiverError(
    "match-impossible",
    `Cannot take ${JSON.stringify(text)}: the dataset ${dataset} has no event times, so it is unknown when its rows became known.`,
    { dataset },
  );
}

function findSet(
  dataDir: string,
  { dataset, set, text }: FeatureReference,
  kind: "feature" | "label",
): FeatureSet {
  const all = listFeatureSets(dataDir, dataset);
  const found = all.find((other) => other.name === set && other.kind === kind);
  if (found !== undefined) return found;
  if (all.some((other) => other.name === set)) {
    const [is, belongs, not] =
      kind === "feature"
        ? ["a label, which looks ahead", "labels", "features"]
        : ["not a label", "features", "labels"];
    throw new QuiverError(
      "label-as-feature",
      `Cannot take ${JSON.stringify(text)} from \`${not}\`: ${set} is ${is}. Name it in \`${belongs}\`.`,
      { field: not, given: text, expected: belongs },
    );
  }
  const known = all.filter((other) => other.kind === kind).map(({ name }) => name);
  const have = thereAre(known, "none is published yet");
  throw new QuiverError(
    "unknown-feature",
    `Cannot find the ${kind} set ${JSON.stringify(set)} of ${dataset}: ${have}.${didYouMean(set, known)}`,
    { feature: set, dataset, known },
  );
}

function versionOf({ dataset, name, current, versions }: FeatureSet, { version }: FeatureReference): string {
  const found = version === null ? current : versions.find((other) => other === version);
  if (found !== undefined && found !== null) return found;
  const problem = version === null ? "none is current" : `there is no version ${JSON.stringify(version)}`;
  throw new QuiverError(
    "unknown-feature",
    `Cannot choose a version of ${dataset}:${name}: ${problem}. Known: ${versions.join(", ")}; write ${dataset}:${name}@<version>.`,
    { feature: name, dataset, version, known: versions },
  );
}

function manifestOf(dataDir: string, set: FeatureSet, version: string): Manifest {
  const manifest = readManifest(dataDir, set, version);
  if (manifest !== undefined) return manifest;
  throw new QuiverError(
    "unknown-feature",
    `Cannot read version ${version} of ${set.dataset}:${set.name}: it has just been removed, or is damaged.`,
    { feature: set.name, dataset: set.dataset, version },
  );
}

function columnsOf(manifest: Manifest, { column, dataset, set }: FeatureReference): string[] {
  const known = manifest.schema.map(({ name }) => name).filter((name) => name !== "symbol" && name !== "ts");
  if (column === null) return known;
  if (known.includes(column)) return [column];
  throw new QuiverError(
    "unknown-column",
    `Cannot find the column ${JSON.stringify(column)} of ${dataset}:${set}: it has ${known.join(", ")}.${didYouMean(column, known)}`,
    { column, dataset, feature: set, known },
  );
}
