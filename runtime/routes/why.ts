import { defined } from "../../shared/defined.ts";
import { WhyAnswer } from "./answer-schemas.ts";
import { parseFields } from "./fields.ts";
import { functionAt } from "./functions.ts";
import { requestOf } from "./invocation-request.ts";
import { jsonResponse } from "./json-response.ts";
import { InvocationBody, WhyQuery } from "./request-schemas.ts";
import type { Router } from "./router.ts";
import { paramsOf, symbolsOf } from "./selection.ts";
import type { Services } from "./services.ts";

const Bindings = InvocationBody.pick({ inputs: true });

/** `GET /functions/{name}/why`: what a publish would find changed. */
export function addWhyRoute(router: Router, services: Services): void {
  router.add(
    {
      method: "get",
      path: "/functions/{name}/why",
      summary:
        "What has changed since a function's feature set was published; compares with the parameters it was published with unless the query gives others",
      query: WhyQuery,
      answers: {
        200: {
          what: "the current version and the changes",
          mediaTypes: ["application/json"],
          json: WhyAnswer,
        },
      },
    },
    async ({ request, name, query }) => {
      await functionAt(services, name);
      const { dataset, from, to, asOf } = query;
      const params = paramsOf(query.params);
      const symbols = symbolsOf(query.symbols);
      const { inputs } = parseFields(Bindings, { inputs: valueOf(query.inputs) }, "in the query");
      const selection = requestOf(name, { dataset, params, symbols, from, to, asOf, inputs });
      const publication = { ...selection, ...defined({ as: query.as }) };
      return jsonResponse(request, await services.invoker.why(publication, { signal: request.signal }));
    },
  );
}

/** Text that is not JSON is passed on, to be refused by the schema. */
function valueOf(text: string | undefined): unknown {
  try {
    return text === undefined ? undefined : JSON.parse(text);
  } catch {
    return text;
  }
}
