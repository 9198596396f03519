import { jsonResponse } from "./json-response.ts";
import { NoQuery } from "./request-schemas.ts";
import type { Router } from "./router.ts";
import type { Services } from "./services.ts";

/** Liveness, readiness and metrics. */
export function addHealthRoutes(router: Router, services: Services): void {
  router.add(
    {
      method: "get",
      path: "/healthz",
      summary: "Whether the server is alive",
      query: NoQuery,
      answers: { 200: { what: "alive", mediaTypes: ["application/json"] } },
    },
    ({ request }) => {
      const { version, runtime, instance } = services;
      return jsonResponse(request, { status: "ok", version, runtime, instance });
    },
  );
  router.add(
    {
      method: "get",
      path: "/readyz",
      summary: "Whether the server can take work, check by check",
      query: NoQuery,
      answers: {
        200: { what: "ready", mediaTypes: ["application/json"] },
        503: { what: "not ready, or stopping", mediaTypes: ["application/json"] },
      },
    },
    async ({ request }) => {
      const stopping = { name: "accepting", ok: !services.lifecycle.isStopping, detail: "not stopping" };
      const checks = [stopping, ...(await services.readiness())];
      const ready = checks.every((check) => check.ok);
      return jsonResponse(request, { ready, checks }, ready ? 200 : 503);
    },
  );
  router.add(
    {
      method: "get",
      path: "/metrics",
      summary: "Counters and gauges as Prometheus text",
      query: NoQuery,
      answers: { 200: { what: "the metrics", mediaTypes: ["text/plain"] } },
    },
    async () =>
      new Response(await services.metrics.text(), {
        headers: { "Content-Type": services.metrics.contentType },
      }),
  );
}
