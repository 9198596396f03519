import { errorCodeOf } from "../../shared/errors/index.ts";
import type { ResolvedInput } from "../../shared/contract/describe.ts";
import type { Catalog, CatalogEntry } from "../catalog/catalog.ts";
import { fingerprintOf } from "../../shared/canonical-json.ts";
import type { Lineage } from "../store/manifest.ts";
import type { Reach } from "../../shared/protocol/training-plan.ts";

/** What the functions folder can tell of the function that a version is of. */
export interface FoundFunction {
  /** Undefined where the function is gone, or cannot be loaded any more. */
  readonly shape: "feature" | "table" | undefined;
  readonly reach: Reach;
}

/** Where nothing can be told, everything may have been read. */
const EVERYTHING: Reach = { columns: null, isAcross: true };

/**
 * What a version's values may rest on, from the function as it is now; of one that has changed since, or reads others
 * that read others, everything.
 */
export async function reachOf(catalog: Catalog, lineage: Lineage, dataset: string): Promise<FoundFunction> {
  try {
    const entry = await catalog.get(lineage.function);
    const { shape } = entry.description;
    if (entry.codeFingerprint !== lineage.codeFingerprint) return { shape, reach: EVERYTHING };
    return { shape, reach: await readsOf(catalog, entry, lineage, dataset) };
  } catch (error) {
    // A function that is gone or broken says nothing; what is no refusal is a fault.
    if (errorCodeOf(error) === undefined) throw error;
    return { shape: undefined, reach: EVERYTHING };
  }
}

async function readsOf(
  catalog: Catalog,
  entry: CatalogEntry,
  { params, inputs: recorded }: Lineage,
  dataset: string,
): Promise<Reach> {
  const { inputs } = await catalog.resolve(entry, params);
  const own = ownReach(entry, inputs, dataset);
  if (own === undefined) return EVERYTHING;
  let { isAcross } = own;
  const columns = new Set(own.columns);
  for (const input of inputs) {
    if (input.kind !== "function") continue;
    const upstream = await catalog.get(input.function);
    const resolved = await catalog.resolve(upstream, input.params);
    const then = recorded.find(({ input: name }) => name === input.name);
    const isSame =
      then?.function === input.function &&
      then.fingerprint === fingerprintOf([upstream.codeFingerprint, resolved.params]);
    const reads = isSame ? ownReach(upstream, resolved.inputs, dataset) : undefined;
    if (reads === undefined || resolved.inputs.some(({ kind }) => kind === "function")) return EVERYTHING;
    isAcross ||= reads.isAcross;
    for (const column of reads.columns) columns.add(column);
  }
  // An input can be bound to something else than the function declares: then the record of it is what counts.
  const asDeclared = recorded.every((then) =>
    then.function === undefined
      ? then.dataset === dataset
      : inputs.some(({ name, kind }) => name === then.input && kind === "function"),
  );
  return asDeclared ? { columns: [...columns], isAcross } : EVERYTHING;
}

/** What a function reads of the dataset itself; undefined where another dataset is read, whose rows say nothing here. */
function ownReach(
  { description }: CatalogEntry,
  inputs: readonly ResolvedInput[],
  dataset: string,
): { readonly columns: readonly string[]; readonly isAcross: boolean } | undefined {
  const columns: string[] = [];
  let isAcross = description.partition !== "symbol";
  for (const input of inputs) {
    if (input.kind === "function") continue;
    if (input.dataset !== null && input.dataset !== dataset) return undefined;
    if (input.kind === "broadcast") isAcross = true;
    columns.push(...input.columns.map(({ name }) => name));
  }
  return { columns, isAcross };
}
