import type { Catalog } from "../catalog/catalog.ts";
import type { ResolvedInput } from "../../shared/contract/describe.ts";
import { canonicalJson } from "../../shared/canonical-json.ts";
import type { Lineage } from "../store/manifest.ts";
import type { InputBinding, PublishRequest } from "../../shared/protocol/invocation.ts";

/**
 * A request with the parameters, bindings and selection that a version was published with, wherever it names none of
 * its own.
 */
export async function publishedRequest(
  request: PublishRequest,
  was: Lineage,
  catalog: Catalog,
): Promise<PublishRequest> {
  // What another function was given means nothing to this one.
  if (was.function !== request.function) return request;
  const { symbols, from, to, asOf } = was;
  const selection = Object.entries({ symbols, from, to, asOf }).filter(([, value]) => value !== null);
  const params = request.params ?? (await paramsOf(was, catalog));
  const inputs = request.inputs ?? (await bindingsOf(was, params, catalog));
  return { ...Object.fromEntries(selection), ...request, params, inputs };
}

/** Those that were parsed then, where they still mean what they meant; else none. */
async function paramsOf(was: Lineage, catalog: Catalog): Promise<Readonly<Record<string, unknown>>> {
  const entry = await catalog.get(was.function);
  for (const given of [{}, was.params]) {
    const resolved = await catalog.resolve(entry, given).catch(() => undefined);
    if (canonicalJson(resolved?.params) === canonicalJson(was.params)) return given;
  }
  return {};
}

/** Inputs that were bound to something else than the same code declares. */
async function bindingsOf(
  was: Lineage,
  params: Readonly<Record<string, unknown>>,
  catalog: Catalog,
): Promise<Record<string, InputBinding>> {
  const entry = await catalog.get(was.function);
  // Other code declares other inputs: which of them were bound is not recorded.
  if (entry.codeFingerprint !== was.codeFingerprint) return {};
  const { inputs } = await catalog.resolve(entry, params);
  return Object.fromEntries(
    inputs.flatMap((declared) => {
      const bound = was.inputs.find(({ input }) => input === declared.name);
      const binding = bound === undefined ? undefined : bindingOf(bound, declared);
      return binding === undefined ? [] : [[declared.name, binding]];
    }),
  );
}

function bindingOf(bound: Lineage["inputs"][number], declared: ResolvedInput): InputBinding | undefined {
  const { dataset, function: upstream, params = {} } = bound;
  if (upstream === undefined) {
    // Its own dataset is the request's to name.
    const isDeclared = declared.kind !== "function" && (declared.dataset ?? dataset) === dataset;
    return isDeclared || dataset === undefined ? undefined : { dataset };
  }
  return declared.kind === "function" && declared.function === upstream
    ? undefined
    : { function: upstream, params };
}
