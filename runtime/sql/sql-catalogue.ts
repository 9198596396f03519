import { statSync } from "node:fs";
import { join } from "node:path";
import type { DatasetRecord } from "../store/dataset.ts";
import { datasetPaths } from "../store/dataset-paths.ts";
import { listFeatureSets, readManifest, type FeatureSet } from "../store/feature-sets.ts";
import { quoteName } from "../../shared/sql-text.ts";
import { findDataset, listDatasets } from "../store/read-dataset.ts";
import type { SqlNames } from "./guard.ts";
import { asOfSql, latestSql, observedSql, sqlName, versionSql } from "./relation-sql.ts";

/** The contents of the store that SQL can query. */
export interface StoreListing {
  readonly dataDir: string;
  readonly datasets: readonly {
    readonly record: DatasetRecord;
    readonly featureSets: readonly FeatureSet[];
  }[];
}

/** A view or table macro that a query can name. */
export interface SqlRelation {
  readonly schema: string;
  readonly name: string;
  readonly kind: "view" | "macro";
  /** Changes with the relation's content: a dataset's fingerprint, or a published version. */
  readonly version: string;
  /** The statement that creates or replaces it; undefined if its files have been removed since. */
  readonly create: () => string | undefined;
}

/** Everything that can be queried, by `relationKey`. Only what a query names is read and created, and only then. */
export function planCatalogue(listing: StoreListing): ReadonlyMap<string, SqlRelation> {
  const relations = new Map<string, SqlRelation>();
  for (const { record, featureSets } of listing.datasets) {
    // A dataset's own tables come first: a feature set called "bars" does not hide them.
    const own = datasetRelations(listing.dataDir, record);
    const published = featureSets.flatMap((set) => featureRelations(listing.dataDir, set));
    for (const relation of [...own, ...published]) {
      const key = relationKey(relation.schema, relation.name);
      if (!relations.has(key)) relations.set(key, relation);
    }
  }
  return relations;
}

/** Names in SQL are case-insensitive. */
export function relationKey(schema: string, name: string): string {
  return `${schema}.${name}`.toLowerCase();
}

/** The names for the guard. */
export function namesOf(relations: ReadonlyMap<string, SqlRelation>): SqlNames {
  const names = new Map<string, { tables: Set<string>; macros: Set<string> }>();
  for (const { schema, name, kind } of relations.values()) {
    let own = names.get(schema);
    if (own === undefined) names.set(schema, (own = { tables: new Set(), macros: new Set() }));
    (kind === "view" ? own.tables : own.macros).add(name.toLowerCase());
  }
  return names;
}

/** Lists the store, and reads a dataset's record again only if its file was replaced. */
export class StoreReader {
  readonly #dataDir: string;
  readonly #records = new Map<string, { readonly stamp: string; readonly record: DatasetRecord }>();

  constructor(dataDir: string) {
    this.#dataDir = dataDir;
  }

  list(): StoreListing {
    const names = listDatasets(this.#dataDir);
    for (const known of this.#records.keys()) if (!names.includes(known)) this.#records.delete(known);
    const datasets = names.flatMap((name) => {
      const record = this.#record(name);
      return record === undefined ? [] : [{ record, featureSets: listFeatureSets(this.#dataDir, name) }];
    });
    return { dataDir: this.#dataDir, datasets };
  }

  #record(name: string): DatasetRecord | undefined {
    const stat = statSync(datasetPaths(this.#dataDir, name).record, { bigint: true, throwIfNoEntry: false });
    if (stat === undefined) return undefined;
    const stamp = `${stat.ino} ${stat.size} ${stat.mtimeNs}`;
    const known = this.#records.get(name);
    if (known?.stamp === stamp) return known.record;
    const record = findDataset(this.#dataDir, name);
    if (record !== undefined) this.#records.set(name, { stamp, record });
    return record;
  }
}

function datasetRelations(dataDir: string, record: DatasetRecord): SqlRelation[] {
  const schema = sqlName(record.name);
  const shared = { schema, version: record.fingerprint };
  const view = (name: string, sql: () => string): SqlRelation => ({
    ...shared,
    name,
    kind: "view",
    create: () => `CREATE OR REPLACE VIEW ${schema}.${name} AS ${sql()}`,
  });
  const relations = [
    view("bars", () => latestSql(dataDir, record)),
    view("bars_observed", () => observedSql(dataDir, record)),
  ];
  if (record.clocks === null) return relations;
  const create = () => `CREATE OR REPLACE MACRO ${schema}.bars_asof(t) AS TABLE ${asOfSql(dataDir, record)}`;
  return [...relations, { ...shared, name: "bars_asof", kind: "macro", create }];
}

/** `name` for the current version, and `name@version` for each version; labels are in a separate schema. */
function featureRelations(dataDir: string, set: FeatureSet): SqlRelation[] {
  const schema = sqlName(set.dataset) + (set.kind === "label" ? "_labels" : "");
  const relation = (name: string, version: string): SqlRelation => ({
    schema,
    name,
    kind: "view",
    version,
    create() {
      const manifest = readManifest(dataDir, set, version);
      if (manifest === undefined) return undefined;
      const paths = datasetPaths(dataDir, set.dataset);
      const versionDir = join(set.kind === "label" ? paths.labels : paths.features, set.name, version);
      return `CREATE OR REPLACE VIEW ${schema}.${quoteName(name)} AS ${versionSql(versionDir, manifest)}`;
    },
  });
  const name = sqlName(set.name);
  const versions = set.versions.map((version) => relation(`${name}@${version}`, version));
  return set.current === null ? versions : [relation(name, set.current), ...versions];
}
