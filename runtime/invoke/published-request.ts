import type { Catalog } from "../catalog/catalog.ts";
import type { ResolvedInput } from "../../shared/contract/describe.ts";
import { canonicalJson } from "../../shared/canonical-json.ts";
import type { Lineage } from "../store/manifest.ts";
import type { InputBinding, PublishRequest } from "../../shared/protocol/invocation.ts";

/**
 * Completes a request with the parameters, bindings and selection that a version was published with, where it gives
 * none.
 */
export async function publishedRequest(
  request: PublishRequest,
  was: Lineage,
  catalog: Catalog,
): Promise<PublishRequest> {
  // Parameters of another function mean nothing to this one.
  if (was.function !== request.function) return request;
  const { symbols, from, to, asOf } = was;
  const selection = Object.entries({ symbols, from, to, asOf }).filter(([, value]) => value !== null);
  const params = request.params ?? (await paramsOf(was, catalog));
  const inputs = request.inputs ?? (await bindingsOf(was, params, catalog));
  return { ...Object.fromEntries(selection), ...request, params, inputs };
}

/** The version's parsed parameters, if the current code still gives them the same meaning; otherwise none. */
async function paramsOf(was: Lineage, catalog: Catalog): Promise<Readonly<Record<string, unknown>>> {
  const entry = await catalog.get(was.function);
  for (const given of [{}, was.params]) {
    const resolved = await catalog.resolve(entry, given).catch(() => undefined);
    if (canonicalJson(resolved?.params) === canonicalJson(was.params)) return given;
  }
  return {};
}

/** For the inputs that the current code declares: what each was bound to, if it was bound. */
async function bindingsOf(
  was: Lineage,
  params: Readonly<Record<string, unknown>>,
  catalog: Catalog,
): Promise<Record<string, InputBinding>> {
  const entry = await catalog.get(was.function);
  const { inputs } = await catalog.resolve(entry, params);
  return Object.fromEntries(
    inputs.flatMap((declared) => {
      const read = was.inputs.find(({ input }) => input === declared.name);
      const isBound = was.bound?.includes(declared.name) ?? (read !== undefined && isOther(read, declared));
      const binding = read === undefined || !isBound ? undefined : bindingOf(read);
      return binding === undefined ? [] : [[declared.name, binding]];
    }),
  );
}

function bindingOf({ dataset, function: upstream, params = {} }: RecordedInput): InputBinding | undefined {
  if (upstream !== undefined) return { function: upstream, params };
  return dataset === undefined ? undefined : { dataset };
}

type RecordedInput = Lineage["inputs"][number];

/** Whether an input read something other than declared, for versions that do not record which inputs were bound. */
function isOther({ dataset, function: upstream }: RecordedInput, declared: ResolvedInput): boolean {
  if (declared.kind === "function") return declared.function !== upstream;
  // Its own dataset comes from the request.
  return upstream !== undefined || (declared.dataset !== null && declared.dataset !== dataset);
}
