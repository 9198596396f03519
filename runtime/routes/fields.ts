import { z } from "zod";
import { didYouMean, QuiverError } from "../../shared/errors/index.ts";

/**
 * Parses the fields of a request. A refusal names the field, what was given, and what is expected, from the
 * description in the schema; for an unknown field it names the nearest known one. `where` is the part of the
 * request: `in the body`, `in the query`.
 */
export function parseFields<S extends z.ZodObject>(schema: S, value: unknown, where: string): z.output<S> {
  const parsed = schema.safeParse(value);
  if (parsed.success) return parsed.data;
  const issue = parsed.error.issues[0];
  if (issue === undefined) throw new TypeError("zod refused a value without an issue");
  throw refusal(schema, value, deepest(issue, []), where);
}

/** A value for a message: JSON, shortened if it is long. */
export function shown(value: unknown): string {
  const text = JSON.stringify(value) ?? "nothing";
  return text.length <= 80 ? text : `${text.slice(0, 77)}…`;
}

interface FoundIssue {
  readonly issue: z.core.$ZodIssue;
  readonly path: readonly PropertyKey[];
}

/** In a union, the problem inside the alternative that was meant says more than "none fits". */
function deepest(issue: z.core.$ZodIssue, base: readonly PropertyKey[]): FoundIssue {
  const path = [...base, ...issue.path];
  if (issue.code !== "invalid_union") return { issue, path };
  const [meant] = issue.errors
    .filter((issues) => !issues.some((inner) => inner.path.length === 0 && inner.code === "invalid_type"))
    .toSorted((a, b) => a.length - b.length);
  const inner = meant?.find((candidate) => candidate.code === "unrecognized_keys") ?? meant?.[0];
  return inner === undefined ? { issue, path } : deepest(inner, path);
}

function refusal(
  schema: z.ZodObject,
  value: unknown,
  { issue, path }: FoundIssue,
  where: string,
): QuiverError {
  if (issue.code === "unrecognized_keys") {
    const known = fieldNames(schema, path);
    const unknown = issue.keys[0] ?? "";
    const field = [...path, unknown].map(String).join(".");
    const have = known.length === 0 ? "" : ` Known: ${known.join(", ")}.`;
    return new QuiverError(
      "request-malformed",
      `Unknown field ${JSON.stringify(field)} ${where}.${didYouMean(unknown, known)}${have}`,
      { field, expected: known },
    );
  }
  const given = path.reduce<unknown>(
    (at, key) => (typeof at === "object" && at !== null ? Reflect.get(at, key) : undefined),
    value,
  );
  const field = path.map(String).join(".");
  const expected = expectation(schema, path) ?? issue.message;
  if (field === "") {
    return new QuiverError(
      "request-malformed",
      `Cannot read what is ${where}: given ${shown(given)}, expected a JSON object.`,
      {
        expected: "a JSON object",
      },
    );
  }
  return new QuiverError(
    "request-malformed",
    `Cannot read the field ${JSON.stringify(field)} ${where}: given ${shown(given)}, expected ${expected}.`,
    { field, where, given: given ?? null, expected },
  );
}

/** The description of the innermost described schema on the path to a field. */
function expectation(schema: z.core.$ZodType, path: readonly PropertyKey[]): string | undefined {
  let found: string | undefined;
  let level: z.core.$ZodType | undefined = schema;
  for (const key of path) {
    level = fieldSchema(level, key);
    if (level === undefined) break;
    found = z.globalRegistry.get(unwrap(level))?.description ?? found;
  }
  return found;
}

function fieldNames(schema: z.core.$ZodType, path: readonly PropertyKey[]): string[] {
  let level: z.core.$ZodType | undefined = schema;
  for (const key of path) level = level === undefined ? undefined : fieldSchema(level, key);
  return level === undefined ? [] : objectsIn(level).flatMap((object) => Object.keys(object.shape));
}

function fieldSchema(schema: z.core.$ZodType | undefined, key: PropertyKey): z.core.$ZodType | undefined {
  if (schema === undefined) return undefined;
  const inner = unwrap(schema);
  for (const object of objectsIn(inner)) {
    const field = object.shape[String(key)];
    if (field !== undefined) return field;
  }
  if (inner instanceof z.ZodRecord) return inner.valueType;
  if (inner instanceof z.ZodArray) return inner.element;
  if (inner instanceof z.ZodUnion && typeof key === "number") {
    return inner.options.find((option) => option instanceof z.ZodArray)?.element;
  }
  return undefined;
}

function objectsIn(schema: z.core.$ZodType): z.ZodObject[] {
  const inner = unwrap(schema);
  if (inner instanceof z.ZodObject) return [inner];
  return inner instanceof z.ZodUnion ? inner.options.flatMap(objectsIn) : [];
}

function unwrap(schema: z.core.$ZodType): z.core.$ZodType {
  return schema instanceof z.ZodOptional || schema instanceof z.ZodDefault ? unwrap(schema.unwrap()) : schema;
}
