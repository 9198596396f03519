import { type ParamIssue, paramRefusal } from "../../shared/contract/describe.ts";
import { didYouMean, QuiverError } from "../../shared/errors/index.ts";
import type { CatalogEntry } from "./catalog.ts";

/** The refusal of an unknown parameter; names the nearest known one. */
export function unknownParameter({ name, description }: CatalogEntry, parameter: string): QuiverError {
  const known = description.paramNames;
  const have = known.length === 0 ? "it has none" : `it has ${known.join(", ")}`;
  return new QuiverError(
    "unknown-parameter",
    `Cannot find the parameter ${JSON.stringify(parameter)} of ${JSON.stringify(name)}: ${have}.${didYouMean(parameter, known)}`,
    { function: name, parameter, known },
  );
}

/** The refusal of a parameter's value. The message has the first issue, the facts have all of them. */
export function parameterInvalid(
  { name, description }: CatalogEntry,
  issues: readonly ParamIssue[],
): QuiverError {
  const [issue = { param: "", message: "its function refuses them without a reason", given: null }] = issues;
  const { paramsSchema } = description;
  const nearest =
    typeof issue.given === "string" ? didYouMean(issue.given, choicesOf(paramsSchema, issue.param)) : "";
  return new QuiverError("parameter-invalid", `${paramRefusal(issue, name)}${nearest}`, {
    function: name,
    issues,
    paramsSchema,
  });
}

/** The allowed texts of a parameter; none if it is not an enumeration. */
function choicesOf(schema: Readonly<Record<string, unknown>>, param: string): string[] {
  const { properties } = schema;
  const node: unknown =
    typeof properties === "object" && properties !== null ? Reflect.get(properties, param) : undefined;
  const choices: unknown = typeof node === "object" && node !== null ? Reflect.get(node, "enum") : undefined;
  return Array.isArray(choices) ? choices.filter((choice) => typeof choice === "string") : [];
}
