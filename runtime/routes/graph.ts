import { Graph } from "../graph/graph-answer.ts";
import { withUpstream } from "../graph/graph.ts";
import { selectNodes } from "../graph/select-nodes.ts";
import { jsonResponse } from "./json-response.ts";
import { GraphQuery } from "./request-schemas.ts";
import type { Router } from "./router.ts";
import type { Services } from "./services.ts";

/** `GET /graph`: which function reads which. */
export function addGraphRoute(router: Router, services: Services): void {
  router.add(
    {
      method: "get",
      path: "/graph",
      summary: "The functions in running order, each with what it reads and what prevents it from running",
      query: GraphQuery,
      answers: { 200: { what: "the nodes of the graph", mediaTypes: ["application/json"], json: Graph } },
    },
    async ({ request, query }) => {
      const graph = await services.catalog.graph();
      const names = query.functions?.split(",").map((name) => name.trim());
      const chosen = names === undefined ? graph : { nodes: withUpstream(graph, selectNodes(graph, names)) };
      return jsonResponse(request, chosen);
    },
  );
}
