import { QuiverError } from "../../shared/errors/index.ts";
import { formatInstant, parseAsOf } from "../../shared/time/index.ts";
import type { Catalog } from "../catalog/catalog.ts";
import { chooseSets, type ChosenSet } from "./choose-sets.ts";
import { durationMicros } from "./duration-micros.ts";
import { parseFeatures } from "./parse-feature.ts";
import { planSplit } from "./plan-split.ts";
import { reachOf } from "./reach-of.ts";
import type { PlannedSet, Restated, TrainingPlan } from "../../shared/protocol/training-plan.ts";

/** A request for a training set, as texts. */
export interface TrainingRequest {
  readonly features: string;
  readonly labels: string | undefined;
  readonly timezone: string | undefined;
  readonly restated: Restated;
  readonly maxAge: string | undefined;
  readonly split: string | undefined;
  readonly folds: string | undefined;
  readonly horizon: string | undefined;
  readonly embargo: string | undefined;
}

/** What an answer reports about each version from which it has columns. */
export interface SetFacts {
  readonly set: string;
  readonly version: string;
  readonly kind: "feature" | "label";
  readonly function: string;
  /** The moment as of which its values were computed; null if the dataset does not record when rows were known. */
  readonly asOf: string | null;
}

export interface PlannedTraining {
  readonly plan: Omit<TrainingPlan, "entities">;
  readonly facts: readonly SetFacts[];
  readonly warnings: readonly string[];
}

/** Decides the versions, the columns, what each version may depend on, and the split. Reads no rows. */
export async function planTrainingSet(
  dataDir: string,
  catalog: Catalog,
  request: TrainingRequest,
): Promise<PlannedTraining> {
  const features = parseFeatures(request.features, "features");
  const labels = request.labels === undefined ? [] : parseFeatures(request.labels, "labels");
  const { sets, outputs } = chooseSets(dataDir, features, labels);
  const warnings: string[] = [];
  const planned: PlannedSet[] = [];
  for (const set of sets) planned.push(await planSet(set, catalog, request.restated, warnings));
  const first = sets.find(({ manifest }) => manifest.kind === "label") ?? sets[0];
  const timezone = first?.record.clocks?.timezone ?? "UTC";
  return {
    plan: {
      timezone: request.timezone ?? null,
      sets: planned,
      outputs,
      restated: request.restated,
      maxAgeMicros: request.maxAge === undefined ? null : durationMicros(request.maxAge, "maxAge"),
      split: planSplit(request, timezone),
    },
    facts: planned.map((set, at) => ({
      set: `${set.dataset}:${set.name}`,
      version: set.version,
      kind: set.kind,
      function: sets[at]!.manifest.lineage.function,
      asOf: set.asOfMicros === null ? null : formatInstant(set.asOfMicros),
    })),
    warnings,
  };
}

async function planSet(
  { record, manifest }: ChosenSet,
  catalog: Catalog,
  restated: Restated,
  warnings: string[],
): Promise<PlannedSet> {
  const { lineage } = manifest;
  const name = `${record.name}:${manifest.name}`;
  const { shape, reach } = await reachOf(catalog, lineage, record.name);
  refuseOwnRows(name, manifest.tsType, record.clocks?.intervalSeconds === "1d", shape);
  if (shape === undefined) {
    warnings.push(
      `${name}: its function ${lineage.function} no longer exists; its rows are assumed to be bars`,
    );
  }
  const others = new Set(lineage.inputs.flatMap(({ dataset = record.name }) => dataset));
  others.delete(record.name);
  if (others.size > 0) {
    warnings.push(
      `${name} also reads ${[...others].join(", ")}: known times are those of the bars of ${record.name}, and values that it read from the others may have become known later`,
    );
  }
  const asOfMicros = record.knownTime === null ? null : knowledgeOf({ record, manifest }, restated);
  if (asOfMicros !== null && restated === "allow" && manifest.kind === "feature") {
    warnings.push(
      `${name} contains what was known at ${formatInstant(asOfMicros)}: values for earlier rows may include later restatements, which were allowed`,
    );
  }
  return {
    dataset: record.name,
    datasetVersion: record.fingerprint,
    name: manifest.name,
    kind: manifest.kind,
    version: manifest.version,
    asOfMicros,
    reach,
  };
}

/** Refuses rows that are not bars of the dataset, because its clocks do not tell which time they cover. */
function refuseOwnRows(
  name: string,
  tsType: "date32" | "timestamp",
  isDaily: boolean,
  shape: "feature" | "table" | undefined,
): void {
  if (shape !== "table" && (tsType === "date32") === isDaily) return;
  throw new QuiverError(
    "knowledge-unknown",
    `Cannot take features from ${name}: a table function made its rows, which are not bars of the dataset, so its clocks do not tell when they were known. Import the rows as a separate dataset, which has its own clocks.`,
    { set: name },
  );
}

/** The moment as of which the values were computed. If it is unknown, no value can be held back. */
function knowledgeOf({ record, manifest }: ChosenSet, restated: Restated): number | null {
  const { lineage } = manifest;
  if (lineage.asOf !== null && record.clocks !== null) {
    return parseAsOf(lineage.asOf, record.clocks.timezone);
  }
  const read = lineage.inputs.find(({ dataset }) => dataset === record.name)?.datasetVersion;
  const isCurrent =
    read === undefined
      ? Date.parse(manifest.publishedAt) > Date.parse(record.importedAt)
      : read === record.fingerprint;
  if (isCurrent) return record.latestKnownTime;
  if (restated === "allow" || manifest.kind === "label") return null;
  throw new QuiverError(
    "knowledge-unknown",
    `Cannot tell what was known to version ${manifest.version} of ${record.name}:${manifest.name}: it was published without asOf, and ${record.name} was imported again since. ` +
      `Publish it again, or accept values regardless of when they became known, with \`restated\` "allow".`,
    { dataset: record.name, feature: manifest.name, version: manifest.version },
  );
}
