import { canonicalJson } from "../../shared/canonical-json.ts";
import type { InputBinding } from "../../shared/protocol/invocation.ts";
import type { Catalog } from "../catalog/catalog.ts";
import type { CurrentSet, PublishedWith } from "../graph/current-set.ts";
import { listFeatureSets, readManifest } from "../store/feature-sets.ts";
import type { Lineage } from "../store/manifest.ts";
import { publishedRequest } from "./published-request.ts";

/**
 * The feature sets of a dataset that have a current version, each with what it was published with. Leaves out sets
 * whose function no longer exists or cannot be used.
 */
export async function currentSets(
  dataDir: string,
  dataset: string,
  catalog: Catalog,
): Promise<readonly CurrentSet[]> {
  const sets: CurrentSet[] = [];
  for (const set of listFeatureSets(dataDir, dataset)) {
    const manifest = set.current === null ? undefined : readManifest(dataDir, set, set.current);
    if (manifest === undefined) continue;
    const { name, kind, version, lineage } = manifest;
    // What is wrong with the function is reported where functions are listed.
    const its = await publishedWith(lineage, catalog).catch(() => undefined);
    if (its !== undefined) sets.push({ name, kind, version, function: lineage.function, with: its });
  }
  return sets;
}

async function publishedWith(lineage: Lineage, catalog: Catalog): Promise<PublishedWith> {
  const { params = {}, inputs = {} } = await publishedRequest(
    { function: lineage.function },
    lineage,
    catalog,
  );
  const { symbols, from, to, asOf } = lineage;
  return {
    params: await withoutDefaults(params, lineage.function, catalog),
    inputs: Object.fromEntries(
      await Promise.all(
        Object.entries(inputs).map(async ([input, bound]) => [input, await shortened(bound, catalog)]),
      ),
    ),
    symbols: symbols === null ? null : [...symbols],
    from,
    to,
    asOf,
  };
}

async function shortened(bound: InputBinding, catalog: Catalog) {
  if ("dataset" in bound) return bound;
  return {
    function: bound.function,
    params: await withoutDefaults(bound.params ?? {}, bound.function, catalog),
  };
}

/** The parameters that have to be given for the function to have all of these. */
async function withoutDefaults(
  params: Readonly<Record<string, unknown>>,
  name: string,
  catalog: Catalog,
): Promise<Record<string, unknown>> {
  const entry = await catalog.get(name);
  const defaults = await catalog.resolve(entry, {}).catch(() => undefined);
  const given = Object.fromEntries(
    Object.entries(params).filter(
      ([key, value]) => canonicalJson(value) !== canonicalJson(defaults?.params[key]),
    ),
  );
  const resolved = await catalog.resolve(entry, given).catch(() => undefined);
  return canonicalJson(resolved?.params) === canonicalJson(params) ? given : { ...params };
}
