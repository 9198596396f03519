import { QuiverError } from "../../shared/errors/index.ts";
import { removeStored } from "../store/remove-stored.ts";
import { jsonResponse } from "./json-response.ts";
import { inPath } from "./in-path.ts";
import { NoQuery } from "./request-schemas.ts";
import type { Router } from "./router.ts";
import type { Services } from "./services.ts";

const ANSWERS = { 200: { what: "what was removed", mediaTypes: ["application/json"] } };

/**
 * Undoes an import or a publish, for `quiver rm`. A page of another origin cannot send this, because DELETE is not
 * a simple request.
 */
export function addRemovalRoutes(router: Router, services: Services): void {
  router.add(
    {
      method: "delete",
      path: "/datasets/{name}",
      summary:
        "Remove a dataset with its feature sets; refused while requests are running, which may read it",
      query: NoQuery,
      answers: ANSWERS,
    },
    ({ request, name }) => {
      remove(services, name);
      return jsonResponse(request, { removed: name });
    },
  );
  router.add(
    {
      method: "delete",
      path: "/datasets/{name}/features/{feature}",
      summary:
        "Remove a feature set with all its versions; refused while requests are running, which may read it",
      query: NoQuery,
      answers: ANSWERS,
    },
    ({ request, name, feature }) => {
      remove(services, name, feature);
      return jsonResponse(request, { removed: `${name}/${feature}` });
    },
  );
}

/** There is no await between the check and the rename, so no request can begin in between. */
function remove({ lifecycle, jobs, settings }: Services, dataset: string, feature?: string): void {
  const running = lifecycle.activeCount + jobs.runningCount;
  if (running > 0) {
    throw new QuiverError(
      "dataset-in-use",
      `Cannot remove ${feature === undefined ? dataset : `${dataset}/${feature}`}: ` +
        `${running === 1 ? "a request is" : `${running} requests are`} running, and may read it. Try again when ${running === 1 ? "it has" : "they have"} ended.`,
      { dataset, feature: feature ?? null, running },
    );
  }
  inPath(["unknown-dataset", "unknown-feature", "invalid-name"], () => {
    removeStored(settings.data, dataset, feature);
  });
}
