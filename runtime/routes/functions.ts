import { defined } from "../../shared/defined.ts";
import { QuiverError } from "../../shared/errors/index.ts";
import type { CatalogEntry } from "../catalog/catalog.ts";
import { selectionOfQuery } from "./invocation-request.ts";
import { jsonResponse } from "./json-response.ts";
import { FunctionQuery, isOn, NoQuery } from "./request-schemas.ts";
import type { Router } from "./router.ts";
import { paramsOf } from "./selection.ts";
import type { Services } from "./services.ts";

/** The catalogue: functions and their descriptions. */
export function addFunctionRoutes(router: Router, services: Services): void {
  router.add(
    {
      method: "get",
      path: "/functions",
      summary: "All functions; those that cannot be used have the reason",
      query: NoQuery,
      answers: { 200: { what: "names, descriptions, shapes", mediaTypes: ["application/json"] } },
    },
    async ({ request }) => {
      const { functions, broken } = await services.catalog.list();
      return jsonResponse(request, {
        functions: functions.map(({ name, file, codeFingerprint, description }) => ({
          name,
          description: description.description,
          shape: description.shape,
          kind: description.kind,
          partition: description.partition,
          file,
          codeFingerprint,
        })),
        broken: broken.map(({ name, file, error }) => ({ name, file, error })),
      });
    },
  );
  router.add(
    {
      method: "get",
      path: "/functions/{name}",
      summary:
        "A function: inputs, outputs, parameters as JSON Schema, limits; with ?explain=1 the plan of an invocation",
      query: FunctionQuery,
      answers: { 200: { what: "the function, or the plan", mediaTypes: ["application/json"] } },
    },
    async ({ request, name, query }) => {
      const entry = await functionAt(services, name);
      if (isOn(query.explain)) {
        const { dataset, asOf } = query;
        const invocation = { ...selectionOfQuery(name, query), ...defined({ dataset, asOf }) };
        return jsonResponse(request, await services.invoker.explain(invocation, { signal: request.signal }));
      }
      const params = paramsOf(query.params) ?? {};
      const { description, codeFingerprint, file } = entry;
      const resolved = await services.catalog.resolve(entry, params);
      return jsonResponse(request, {
        name,
        ...description,
        file,
        codeFingerprint,
        inputs: resolved.inputs,
        outputs: resolved.outputs,
        params: resolved.params,
        lookBack: resolved.lookBack,
        stateLength: resolved.stateLength,
        warmUp: resolved.warmUp,
      });
    },
  );
}

/** The function in a path; 404 if it does not exist, whatever the catalogue's error code. */
export async function functionAt(services: Services, name: string): Promise<CatalogEntry> {
  try {
    return await services.catalog.get(name);
  } catch (error) {
    if (
      error instanceof QuiverError &&
      (error.code === "unknown-function" || error.code === "invalid-name")
    ) {
      throw new QuiverError("not-found", error.message, error.facts, error);
    }
    throw error;
  }
}
