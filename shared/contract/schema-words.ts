/** A node of JSON Schema, as `z.toJSONSchema` writes it. */
type SchemaNode = Readonly<Record<string, unknown>>;

/**
 * Describes what a JSON Schema accepts at a path, as the end of "expected …": `a whole number of at least 2`.
 * Undefined when the schema says nothing that can be put into words.
 */
export function schemaWords(schema: unknown, path: readonly PropertyKey[]): string | undefined {
  const node = path.reduce<unknown>(below, schema);
  return isNode(node) ? wordsOf(node) : undefined;
}

function below(node: unknown, key: PropertyKey): unknown {
  if (!isNode(node)) return undefined;
  const { properties, items, prefixItems, additionalProperties } = node;
  if (isNode(properties) && Object.hasOwn(properties, key)) return properties[String(key)];
  if (Array.isArray(prefixItems) && typeof key === "number" && key < prefixItems.length)
    return prefixItems[key];
  if (typeof key === "number" && items !== undefined) return items;
  if (additionalProperties !== undefined) return additionalProperties;
  return alternatives(node)
    .map((one) => below(one, key))
    .find((one) => one !== undefined);
}

function wordsOf(node: SchemaNode): string | undefined {
  if ("const" in node) return JSON.stringify(node["const"]);
  if (Array.isArray(node["enum"])) return either(node["enum"].map((value) => JSON.stringify(value)));
  const choices = alternatives(node).map((one) => (isNode(one) ? wordsOf(one) : undefined));
  if (choices.length > 0) {
    const known = choices.filter((words) => words !== undefined);
    return known.length === choices.length ? either(known) : undefined;
  }
  switch (node["type"]) {
    case "integer":
      return `a whole number${rangeWords(node)}`;
    case "number":
      return `a number${rangeWords(node)}`;
    case "string":
      return `a text${textWords(node)}`;
    case "boolean":
      return "true or false";
    case "null":
      return "null";
    case "array":
      return `a list${countWords(node["minItems"], node["maxItems"], "value")}${itemWords(node["items"])}`;
    case "object":
      return isNode(node["properties"]) && node["additionalProperties"] === false
        ? `an object with only ${Object.keys(node["properties"]).join(", ")}`
        : "an object";
    default:
      return undefined;
  }
}

function rangeWords(node: SchemaNode): string {
  const least = bound(node["minimum"]);
  const most = bound(node["maximum"]);
  const over = bound(node["exclusiveMinimum"]);
  const under = bound(node["exclusiveMaximum"]);
  const step = bound(node["multipleOf"]);
  const range =
    least !== undefined && most !== undefined
      ? [`from ${least} to ${most}`]
      : [
          ...(over === undefined ? [] : [`above ${over}`]),
          ...(least === undefined ? [] : [`of at least ${least}`]),
          ...(under === undefined ? [] : [`below ${under}`]),
          ...(most === undefined ? [] : [`of at most ${most}`]),
        ];
  const parts = [...range, ...(step === undefined ? [] : [`in steps of ${step}`])];
  return parts.length === 0 ? "" : ` ${parts.join(" and ")}`;
}

/** A bound worth mentioning: zod gives every integer the bounds of safe integers, which would be noise. */
function bound(value: unknown): number | undefined {
  return typeof value === "number" && Math.abs(value) < Number.MAX_SAFE_INTEGER ? value : undefined;
}

function textWords({ minLength, maxLength, format, pattern }: SchemaNode): string {
  if (typeof format === "string") return ` of the format ${format}`;
  if (typeof pattern === "string") return ` that matches ${pattern}`;
  return countWords(minLength, maxLength, "character");
}

function countWords(min: unknown, max: unknown, what: string): string {
  const [least, most] = [bound(min), bound(max)];
  if (least !== undefined && least === most) return ` of ${plural(least, what)}`;
  if (least !== undefined && most !== undefined) return ` of ${least} to ${plural(most, what)}`;
  if (least !== undefined) return ` of at least ${plural(least, what)}`;
  return most === undefined ? "" : ` of at most ${plural(most, what)}`;
}

function itemWords(items: unknown): string {
  const words = isNode(items) ? wordsOf(items) : undefined;
  return words === undefined ? "" : `, each ${words}`;
}

function plural(count: number, what: string): string {
  return `${count} ${what}${count === 1 ? "" : "s"}`;
}

function either(words: readonly string[]): string {
  return words.length < 2 ? words.join("") : `${words.slice(0, -1).join(", ")} or ${words.at(-1)}`;
}

function alternatives(node: SchemaNode): unknown[] {
  const { anyOf, oneOf } = node;
  return Array.isArray(anyOf) ? anyOf : Array.isArray(oneOf) ? oneOf : [];
}

function isNode(value: unknown): value is SchemaNode {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
