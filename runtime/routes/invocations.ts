import { QuiverError } from "../../shared/errors/index.ts";
import { jsonResponse } from "./json-response.ts";
import { InvocationsQuery, NoQuery } from "./request-schemas.ts";
import type { Router } from "./router.ts";
import { optional } from "./selection.ts";
import type { Services } from "./services.ts";

const SHOWN_ROWS = 100;

/** What was invoked, and how it ended. */
export function addInvocationRoutes(router: Router, services: Services): void {
  router.add(
    {
      method: "get",
      path: "/invocations",
      summary: "Invocations that have ended, newest first",
      query: InvocationsQuery,
      answers: { 200: { what: "the invocations", mediaTypes: ["application/json"] } },
    },
    ({ request, query }) => {
      const filter = { ...optional("function", query.function), ...optional("outcome", query.outcome) };
      const invocations = services.control.list({ ...filter, limit: query.limit ?? SHOWN_ROWS });
      return jsonResponse(request, { invocations });
    },
  );
  router.add(
    {
      method: "get",
      path: "/invocations/{id}",
      summary: "One invocation: request, outcome, timings by stage, rows, bytes, memory, the last of its log",
      query: NoQuery,
      answers: { 200: { what: "the invocation", mediaTypes: ["application/json"] } },
    },
    ({ request, id }) => {
      const found = services.control.find(id);
      if (found !== undefined) return jsonResponse(request, found);
      throw new QuiverError(
        "not-found",
        `Cannot find the invocation ${JSON.stringify(id)}: none with that id has ended.`,
        {
          id,
        },
      );
    },
  );
}
