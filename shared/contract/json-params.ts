/**
 * Converts parsed parameters to plain JSON: for fingerprints, for display, and for processes that receive them already
 * parsed. Values that JSON cannot express get a tagged form, so that different values stay different: `{"$set":
 * [...]}`, `{"$map": [[key, value]]}`, `{"$bigint": "1"}`, `{"$date": "…"}`, `{"$number": "NaN"}`. An object that
 * looks like a tagged form is written as `{"$object": {...}}`. Throws a TypeError that names any parameter without
 * such a form (a function, a class instance).
 */
export function toJsonParams(params: Readonly<Record<string, unknown>>): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(params).flatMap(([name, value]) =>
      value === undefined ? [] : [[name, toJson(value, name)] as const],
    ),
  );
}

function toJson(value: unknown, path: string): unknown {
  switch (typeof value) {
    case "bigint":
      return { $bigint: String(value) };
    case "number":
      if (Object.is(value, -0)) return { $number: "-0" };
      return Number.isFinite(value) ? value : { $number: String(value) };
    case "string":
    case "boolean":
      return value;
    case "object":
      return value === null ? null : objectToJson(value, path);
    default:
      throw noForm(path, typeof value);
  }
}

function objectToJson(value: object, path: string): unknown {
  if (Array.isArray(value)) return value.map((item: unknown, i) => toJson(item ?? null, `${path}.${i}`));
  if (value instanceof Date)
    return { $date: Number.isNaN(value.getTime()) ? "invalid" : value.toISOString() };
  if (value instanceof Set) return { $set: [...value].map((item) => toJson(item, path)) };
  if (value instanceof Map) return { $map: [...value].map((entry) => toJson(entry, path)) };
  const prototype: unknown = Object.getPrototypeOf(value);
  if (prototype === Object.prototype || prototype === null) {
    const entries = Object.entries(value).flatMap(([key, item]: [string, unknown]) =>
      item === undefined ? [] : [[key, toJson(item, `${path}.${key}`)] as const],
    );
    const plain = Object.fromEntries(entries);
    return entries.length === 1 && entries[0]?.[0].startsWith("$") === true ? { $object: plain } : plain;
  }
  throw noForm(path, value.constructor.name);
}

/** The inverse of `toJsonParams`. */
export function fromJsonParams(params: Readonly<Record<string, unknown>>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(params).map(([name, value]) => [name, fromJson(value)]));
}

function fromJson(value: unknown): unknown {
  if (typeof value !== "object" || value === null) return value;
  if (Array.isArray(value)) return value.map(fromJson);
  const entries: [string, unknown][] = Object.entries(value);
  const [form, content] = entries[0] ?? [];
  if (entries.length === 1 && form !== undefined && form.startsWith("$")) return fromForm(form, content);
  return Object.fromEntries(entries.map(([key, item]) => [key, fromJson(item)]));
}

function fromForm(form: string, content: unknown): unknown {
  if (form === "$object" && typeof content === "object" && content !== null)
    return Object.fromEntries(Object.entries(content).map(([key, item]) => [key, fromJson(item)]));
  if (form === "$set" && Array.isArray(content)) return new Set(content.map(fromJson));
  if (form === "$map" && Array.isArray(content))
    return new Map(content.map(([key, item]: unknown[]) => [fromJson(key), fromJson(item)]));
  if (form === "$bigint") return BigInt(String(content));
  if (form === "$date") return new Date(String(content));
  if (form === "$number") return Number(content);
  throw new TypeError(`Cannot read a parameter in the form ${JSON.stringify(form)}: no such form exists.`);
}

function noForm(path: string, kind: string): TypeError {
  return new TypeError(
    `The parameter ${JSON.stringify(path)} parses to a ${kind}, which cannot be serialised. ` +
      "Parse it to plain values, a Date, a Set or a Map.",
  );
}
