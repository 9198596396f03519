import { z } from "zod";
import type { ParamsSchema } from "./definition.ts";
import type { ParamIssue } from "./description.ts";
import { schemaWords } from "./schema-words.ts";

/** Replaces zod's own messages, so that the author's messages can be told apart. */
const NO_WORDS = "";

/**
 * Parses parameters. Each issue names the parameter at fault and says what its schema expects, or repeats the author's
 * own message if there is one.
 */
export function parseParams(
  schema: ParamsSchema,
  given: Readonly<Record<string, unknown>>,
): { readonly params: Record<string, unknown> } | { readonly issues: readonly ParamIssue[] } {
  const parsed = schema.safeParse(given, { error: () => NO_WORDS });
  if (parsed.success) return { params: parsed.data };
  const json = z.toJSONSchema(schema, { io: "input", unrepresentable: "any" });
  return { issues: parsed.error.issues.map((issue) => toParamIssue(issue, given, json)) };
}

/** One sentence about a refused parameter; `of` names its function. */
export function paramRefusal({ param, message, given }: ParamIssue, of = ""): string {
  const whose = of === "" ? "" : ` of ${JSON.stringify(of)}`;
  if (param === "") return `Cannot use the parameters${whose}: ${message}.`;
  const what = `parameter ${JSON.stringify(param)}${whose}`;
  return given === null
    ? `Missing ${what}: ${message}.`
    : `Cannot use ${JSON.stringify(given)} for the ${what}: ${message}.`;
}

function toParamIssue(
  issue: z.core.$ZodIssue,
  given: Readonly<Record<string, unknown>>,
  json: unknown,
): ParamIssue {
  const value = issue.path.reduce<unknown>(
    (at, key) => (typeof at === "object" && at !== null ? Reflect.get(at, key) : undefined),
    given,
  );
  return {
    param: issue.path.map(String).join("."),
    message: issue.message.replace(/\.$/, "") || `expected ${expected(issue, json)}`,
    given: value ?? null,
  };
}

function expected(issue: z.core.$ZodIssue, json: unknown): string {
  if (issue.code === "custom") return "another value, though its function does not say which";
  return schemaWords(json, issue.path) ?? "another value, though its schema does not say which";
}
