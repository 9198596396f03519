import { errorCodeOf } from "../../shared/errors/index.ts";
import type { ResolvedInput } from "../../shared/contract/describe.ts";
import type { Catalog, CatalogEntry } from "../catalog/catalog.ts";
import { fingerprintOf } from "../../shared/canonical-json.ts";
import type { Lineage } from "../store/manifest.ts";
import type { Reach } from "../../shared/protocol/training-plan.ts";

/** What the functions folder tells about the function of a version. */
export interface FoundFunction {
  /** Undefined if the function no longer exists or can no longer be loaded. */
  readonly shape: "feature" | "table" | undefined;
  readonly reach: Reach;
}

/** If nothing is known, everything may have been read. */
const EVERYTHING: Reach = { columns: null, isAcross: true };

/**
 * Finds what a version's values may depend on, from the current function. Everything counts if the function has changed
 * since, or reads functions that read others.
 */
export async function reachOf(catalog: Catalog, lineage: Lineage, dataset: string): Promise<FoundFunction> {
  try {
    const entry = await catalog.get(lineage.function);
    const { shape } = entry.description;
    if (entry.codeFingerprint !== lineage.codeFingerprint) return { shape, reach: EVERYTHING };
    return { shape, reach: await readsOf(catalog, entry, lineage, dataset) };
  } catch (error) {
    // A missing or broken function tells nothing. An error that is not a refusal is a bug.
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
  // An input may have been bound to something other than the function declares. The lineage records it.
  const asDeclared = recorded.every((then) =>
    then.function === undefined
      ? then.dataset === dataset
      : inputs.some(({ name, kind }) => name === then.input && kind === "function"),
  );
  return asDeclared ? { columns: [...columns], isAcross } : EVERYTHING;
}

/** What a function reads from the dataset itself; undefined if it reads another dataset, whose rows tell nothing here. */
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
