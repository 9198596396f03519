/**
 * Parsed parameters as plain JSON, for fingerprints and for people. What JSON has no form for is written so that
 * different values stay different: `{"$set": [...]}`, `{"$map": [[key, value]]}`, `{"$bigint": "1"}`, `{"$date": "…"}`,
 * `{"$number": "NaN"}`. Throws a TypeError that names a parameter with no such form (a function, a class's instance).
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
    return Object.fromEntries(
      Object.entries(value).flatMap(([key, item]: [string, unknown]) =>
        item === undefined ? [] : [[key, toJson(item, `${path}.${key}`)] as const],
      ),
    );
  }
  throw noForm(path, value.constructor.name);
}

function noForm(path: string, kind: string): TypeError {
  return new TypeError(
    `The parameter ${JSON.stringify(path)} is parsed to a ${kind}, which cannot be written down. ` +
      "Parse it to plain values, a Date, a Set or a Map.",
  );
}
