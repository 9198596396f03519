import type { FeatureDefinition, HandlerContext } from "../contract/definition.ts";
import type { Inputs, InputViews } from "../contract/inputs.ts";
import { QuiverError } from "../errors/index.ts";

/**
 * Calls a feature's handler for one unit. `out` comes from the same declarations from which the handler's types were
 * inferred. `unitName` describes the unit for an error message and is called only if one is needed.
 */
export function callHandler(
  definition: Pick<FeatureDefinition, "handler">,
  inputs: InputViews<Inputs>,
  out: Readonly<Record<string, unknown>>,
  context: HandlerContext,
  unitName: () => string,
): void {
  const returned: unknown = definition.handler(
    inputs,
    out as Parameters<FeatureDefinition["handler"]>[1],
    context,
  );
  if (returned === undefined) return;
  throw new QuiverError(
    "contract-broken",
    `The handler of a feature returned ${kindOf(returned)} for ${unitName()}, expected nothing: it must be synchronous ` +
      "and write its results into the arrays of its second argument.",
  );
}

/** Describes what a handler returned. */
export function kindOf(returned: unknown): string {
  if (returned === null) return "null";
  const isThenable =
    typeof returned === "object" && "then" in returned && typeof returned.then === "function";
  return isThenable ? "a promise" : `a value of type ${typeof returned}`;
}
