import { Graph } from "../graph/graph-answer.ts";
import { jsonResponse } from "./json-response.ts";
import { NoQuery } from "./request-schemas.ts";
import type { Router } from "./router.ts";
import type { Services } from "./services.ts";

/** `GET /graph`: which function reads which. */
export function addGraphRoute(router: Router, services: Services): void {
  router.add(
    {
      method: "get",
      path: "/graph",
      summary: "The functions in running order, each with what it reads and what prevents it from running",
      query: NoQuery,
      answers: { 200: { what: "the nodes of the graph", mediaTypes: ["application/json"], json: Graph } },
    },
    async ({ request }) => jsonResponse(request, await services.catalog.graph()),
  );
}
