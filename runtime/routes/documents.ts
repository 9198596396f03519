import { ERROR_CODES } from "../../shared/errors/index.ts";
import { DOCS_PAGE } from "./docs-page.ts";
import { jsonResponse } from "./json-response.ts";
import { NoQuery } from "./request-schemas.ts";
import type { Router } from "./router.ts";
import type { Services } from "./services.ts";

/** Describes the interface for programs and for people, without fetching anything from elsewhere. */
export function addDocumentRoutes(router: Router, services: Services): void {
  router.add(
    {
      method: "get",
      path: "/openapi.json",
      summary: "This interface as OpenAPI 3.1, with the table of error codes",
      query: NoQuery,
      answers: { 200: { what: "the document", mediaTypes: ["application/json"] } },
    },
    ({ request }) => {
      const document = router.hono.getOpenAPI31Document({
        openapi: "3.1.0",
        info: {
          title: "Quiver",
          version: services.version,
          description: "Feature functions over columnar market data, on this machine",
        },
        servers: [{ url: "/" }],
      });
      return jsonResponse(request, { ...document, "x-error-codes": ERROR_CODES });
    },
  );
  router.add(
    {
      method: "get",
      path: "/docs",
      summary: "This interface as a page",
      query: NoQuery,
      answers: { 200: { what: "the page", mediaTypes: ["text/html"] } },
    },
    () =>
      new Response(DOCS_PAGE, {
        headers: {
          "Content-Type": "text/html; charset=utf-8",
          "Content-Security-Policy":
            "default-src 'none'; connect-src 'self'; style-src 'unsafe-inline'; script-src 'unsafe-inline'",
        },
      }),
  );
}
