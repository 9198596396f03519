import type { InvocationRequest, PublishRequest } from "../../shared/protocol/invocation.ts";
import type { InvocationBody, InvocationQuery } from "./request-schemas.ts";
import { optional, paramsOf, symbolsOf } from "./selection.ts";

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
              : { function: binding.function, ...optional("params", binding.params) },
          ]),
        );
  return {
    function: name,
    ...optional("dataset", body.dataset),
    ...optional("params", body.params),
    ...optional("symbols", body.symbols),
    ...optional("from", body.from),
    ...optional("to", body.to),
    ...optional("asOf", body.asOf),
    ...optional("inputs", inputs),
  };
}

/** The publish of an invocation. */
export function publishRequestOf(
  invocation: InvocationRequest,
  publish: Exclude<NonNullable<InvocationBody["publish"]>, boolean>,
): PublishRequest {
  return {
    ...invocation,
    ...optional("as", publish.as),
    ...optional("replace", publish.replace),
    ...optional("codec", publish.codec),
    ...optional("compressionLevel", publish.compressionLevel),
    ...optional("forReaders", publish.forReaders),
  };
}

/** The invocation whose input is the body and whose selection is in the query. */
export function selectionOfQuery(name: string, query: InvocationQuery): InvocationRequest {
  return {
    function: name,
    ...optional("params", paramsOf(query.params)),
    ...optional("symbols", symbolsOf(query.symbols)),
    ...optional("from", query.from),
    ...optional("to", query.to),
  };
}
