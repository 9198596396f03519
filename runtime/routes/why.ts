import { functionAt } from "./functions.ts";
import { jsonResponse } from "./json-response.ts";
import { WhyQuery } from "./request-schemas.ts";
import type { Router } from "./router.ts";
import { optional, paramsOf, symbolsOf } from "./selection.ts";
import type { Services } from "./services.ts";

/** `GET /functions/{name}/why`: what a publish would find changed. */
export function addWhyRoute(router: Router, services: Services): void {
  router.add(
    {
      method: "get",
      path: "/functions/{name}/why",
      summary: "What has changed since the current version of a function's feature set was published",
      query: WhyQuery,
      answers: { 200: { what: "the current version and the changes", mediaTypes: ["application/json"] } },
    },
    async ({ request, name, query }) => {
      await functionAt(services, name);
      const publication = {
        function: name,
        ...optional("dataset", query.dataset),
        ...optional("params", paramsOf(query.params)),
        ...optional("symbols", symbolsOf(query.symbols)),
        ...optional("asOf", query.asOf),
        ...optional("as", query.as),
      };
      return jsonResponse(request, await services.invoker.why(publication, { signal: request.signal }));
    },
  );
}
