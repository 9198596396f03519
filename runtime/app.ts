import { assertAdmitted } from "./routes/access.ts";
import { addDatasetRoutes } from "./routes/datasets.ts";
import { addDocumentRoutes } from "./routes/documents.ts";
import { addFeatureSetsRoute } from "./routes/feature-sets.ts";
import { addFunctionRoutes } from "./routes/functions.ts";
import { addGarbageRoute } from "./routes/garbage.ts";
import { addGraphRoute } from "./routes/graph.ts";
import { addHealthRoutes } from "./routes/health.ts";
import { addImportRoute } from "./routes/imports.ts";
import { addInvocationRoutes } from "./routes/invocations.ts";
import { addInvokeRoute } from "./routes/invoke.ts";
import { problemResponse, toProblem } from "./routes/problem.ts";
import { addRemovalRoutes } from "./routes/removals.ts";
import { createRouter, noRoute, routeMatches, type RouteSpec } from "./routes/router.ts";
import { addScheduleRoute } from "./routes/schedule.ts";
import type { Services } from "./routes/services.ts";
import { addWhyRoute } from "./routes/why.ts";
import { addSqlRoutes } from "./routes/sql.ts";
import { addTrainingSetRoute } from "./routes/training-set.ts";

export interface App {
  /** Answers a request; never rejects. */
  readonly fetch: (request: Request) => Promise<Response>;
  readonly routes: readonly RouteSpec[];
}

/** Makes the HTTP application from its services. A server serves it; a command without a server calls it directly. */
export function createApp(services: Services): App {
  const router = createRouter();
  const { hono, routes } = router;
  addHealthRoutes(router, services);
  addFunctionRoutes(router, services);
  addGraphRoute(router, services);
  addWhyRoute(router, services);
  addInvokeRoute(router, services);
  addInvocationRoutes(router, services);
  addDatasetRoutes(router, services);
  addFeatureSetsRoute(router, services);
  addImportRoute(router, services);
  addRemovalRoutes(router, services);
  addGarbageRoute(router, services);
  addScheduleRoute(router, services);
  addSqlRoutes(router, services);
  addTrainingSetRoute(router, services);
  addDocumentRoutes(router, services);
  hono.notFound((context) => {
    throw noRoute(routes, context.req.method, context.req.path);
  });
  hono.onError((error) => problemResponse(toProblem(error, services.logger)));
  const fetch = async (request: Request): Promise<Response> => {
    const start = performance.now();
    let response: Response;
    try {
      assertAdmitted(request, services.settings.token);
      response = await hono.fetch(request);
    } catch (error) {
      response = problemResponse(toProblem(error, services.logger));
    }
    // Labelled by the route's pattern: labels made from paths would grow without bound.
    const path = new URL(request.url).pathname;
    const route = routes.find((candidate) => routeMatches(candidate.path, path))?.path ?? "none";
    services.metrics.request(request.method, route, response.status, performance.now() - start);
    return response;
  };
  return { fetch, routes };
}
