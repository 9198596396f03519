import { defined } from "../../shared/defined.ts";
import type { InvocationRequest, PublishRequest } from "../../shared/protocol/invocation.ts";
import type { InvocationBody, InvocationQuery } from "./request-schemas.ts";
import { paramsOf, symbolsOf } from "./selection.ts";

/** The invocation that a JSON body requests. */
export function requestOf(name: string, body: Omit<InvocationBody, "publish">): InvocationRequest {
  const inputs =
    body.inputs === undefined
      ? undefined
      : Object.fromEntries(
          Object.entries(body.inputs).map(([input, binding]) => [
            input,
            "dataset" in binding
              ? { dataset: binding.dataset }
              : { function: binding.function, ...defined({ params: binding.params }) },
          ]),
        );
  const { dataset, params, symbols, from, to, asOf } = body;
  return { function: name, ...defined({ dataset, params, symbols, from, to, asOf, inputs }) };
}

/** The publish of an invocation. */
export function publishRequestOf(
  invocation: InvocationRequest,
  publish: Exclude<NonNullable<InvocationBody["publish"]>, boolean>,
): PublishRequest {
  const { as, replace, codec, compressionLevel, forReaders } = publish;
  return { ...invocation, ...defined({ as, replace, codec, compressionLevel, forReaders }) };
}

/** The invocation whose parameters and selection are in the query. */
export function selectionOfQuery(
  name: string,
  query: Pick<InvocationQuery, "params" | "symbols" | "from" | "to">,
): InvocationRequest {
  const { from, to } = query;
  const [params, symbols] = [paramsOf(query.params), symbolsOf(query.symbols)];
  return { function: name, ...defined({ params, symbols, from, to }) };
}
