import { CurrentSets } from "../graph/current-set.ts";
import { currentSets } from "../invoke/current-sets.ts";
import { defaultDataset } from "../store/default-dataset.ts";
import { readDataset } from "../store/read-dataset.ts";
import { jsonResponse } from "./json-response.ts";
import { FeatureSetsQuery } from "./request-schemas.ts";
import type { Router } from "./router.ts";
import type { Services } from "./services.ts";

/** `GET /feature-sets`: what the current feature sets of a dataset were published with. */
export function addFeatureSetsRoute(router: Router, services: Services): void {
  const { data, defaultDataset: preferred } = services.settings;
  router.add(
    {
      method: "get",
      path: "/feature-sets",
      summary: "The current feature sets of a dataset, each with the function and what it was published with",
      query: FeatureSetsQuery,
      answers: {
        200: { what: "the feature sets", mediaTypes: ["application/json"], json: CurrentSets },
      },
    },
    async ({ request, query }) => {
      const { name } = readDataset(data, query.dataset ?? defaultDataset(data, preferred));
      const featureSets = await currentSets(data, name, services.catalog);
      return jsonResponse(request, { dataset: name, featureSets });
    },
  );
}
