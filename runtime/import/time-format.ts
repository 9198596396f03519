import { quoteText, quoteTexts } from "../../shared/sql-text.ts";

/**
 * A format of times. `kind` tells what a value means: a calendar date, a wall-clock time whose zone must be given, or an
 * instant. `sql` yields a DATE, TIMESTAMP or TIMESTAMPTZ, or null for a value in a different format.
 */
export interface TimeFormat {
  readonly name: string;
  readonly kind: "date" | "naive" | "instant";
  readonly sql: (expression: string) => string;
}

/** Text formats. The one that fits most values of a sample is chosen, and the first of equals. */
const TEXT_FORMATS: readonly (TimeFormat & { readonly pattern: RegExp })[] = [
  {
    name: "yyyy-mm-dd",
    kind: "date",
    pattern: /^\d{4}[-/]\d{1,2}[-/]\d{1,2}$/,
    // A cast to DATE would accept a longer text and drop its time of day.
    sql: (x) => `CASE WHEN length(${x}) <= 10 THEN try_cast(${x} AS DATE) END`,
  },
  {
    name: "yyyymmdd",
    kind: "date",
    pattern: /^(18|19|20|21)\d{2}(0[1-9]|1[0-2])(0[1-9]|[12]\d|3[01])$/,
    sql: (x) => `CASE WHEN length(${x}) = 8 THEN CAST(try_strptime(${x}, '%Y%m%d') AS DATE) END`,
  },
  {
    name: "yyyymmdd hh:mm",
    kind: "naive",
    pattern: /^\d{8}[ T]\d{2}:\d{2}(:\d{2}(\.\d+)?)?$/,
    sql: (x) => strptime(x, ["%Y%m%d %H:%M", "%Y%m%d %H:%M:%S", "%Y%m%dT%H:%M:%S", "%Y%m%d %H:%M:%S.%f"]),
  },
  {
    name: "yyyymmddhhmmss",
    kind: "naive",
    pattern: /^(19|20|21)\d{2}(0[1-9]|1[0-2])(0[1-9]|[12]\d|3[01])([01]\d|2[0-3])[0-5]\d([0-5]\d)?$/,
    sql: (x) => strptime(x, ["%Y%m%d%H%M%S", "%Y%m%d%H%M"]),
  },
  {
    name: "ISO 8601 with zone",
    kind: "instant",
    pattern: /^\d{4}-\d{2}-\d{2}[T ]\d{2}:\d{2}(:\d{2}(\.\d+)?)?\s*(Z|UTC|[+-]\d{2}(:?\d{2})?)$/i,
    // DuckDB needs seconds and a colon in the offset, and would read a text without a zone as UTC. The pattern requires
    // minutes because the end of a bare date looks like an offset.
    sql: (x) =>
      `CASE WHEN regexp_matches(${x}, ':[0-9]{2}([.][0-9]+)?\\s*(Z|UTC|[+-][0-9]{2}(:?[0-9]{2})?)$', 'i') THEN coalesce(try_cast(${x} AS TIMESTAMPTZ),
        try_cast(regexp_replace(regexp_replace(${x}, '([T ][0-9]{2}:[0-9]{2})\\s*(Z|UTC|[+-])', '\\1:00\\2', 'i'), '([+-][0-9]{2})([0-9]{2})$', '\\1:\\2') AS TIMESTAMPTZ)) END`,
  },
  {
    name: "ISO 8601 without zone",
    kind: "naive",
    pattern: /^\d{4}[-/]\d{1,2}[-/]\d{1,2}[T ]\d{1,2}:\d{2}(:\d{2}(\.\d+)?)?$/,
    // A cast would silently convert a text with an offset to UTC, and read a bare date as midnight.
    sql: (x) =>
      `CASE WHEN length(${x}) > 10 AND NOT regexp_matches(${x}, '(Z|[+-][0-9:]{2,6})$') THEN try_cast(${x} AS TIMESTAMP) END`,
  },
  {
    name: "RFC 1123",
    kind: "instant",
    pattern: /^[A-Z][a-z]{2}, \d{2} [A-Z][a-z]{2} \d{4} \d{2}:\d{2}:\d{2} (GMT|UTC)$/,
    sql: (x) => fromUtc(strptime(x, ["%a, %d %b %Y %H:%M:%S GMT", "%a, %d %b %Y %H:%M:%S UTC"])),
  },
  ...epochFormats((x) => `try_cast(${x} AS BIGINT)`),
];

/** Parses a text by the first strptime format that fits. */
function strptime(x: string, formats: readonly string[]): string {
  return `try_strptime(${x}, ${quoteTexts(formats)})`;
}

/** A TIMESTAMP that is known to be UTC, as an instant. A cast would go through the zone tables, so this is arithmetic. */
export function fromUtc(x: string): string {
  return `make_timestamptz(epoch_us(${x}))`;
}

/** The format that fits most of the values; undefined if none fits at least half of them. */
export function recogniseText(values: readonly string[]): TimeFormat | undefined {
  if (values.length === 0) return undefined;
  const fits = TEXT_FORMATS.map((format) => ({
    format,
    count: values.filter((value) => format.pattern.test(value)).length,
  }));
  const best = fits.reduce((a, b) => (b.count > a.count ? b : a));
  return best.count >= values.length / 2 ? best.format : undefined;
}

/** The format of a Parquet column, by its type and the size of its numbers. */
export function recogniseTyped(type: string, values: readonly string[]): TimeFormat | undefined {
  if (type === "DATE") return { name: "date", kind: "date", sql: (x) => x };
  if (type === "TIMESTAMP WITH TIME ZONE") return { name: "instant", kind: "instant", sql: (x) => x };
  if (type.startsWith("TIMESTAMP")) {
    return { name: "timestamp without zone", kind: "naive", sql: (x) => `CAST(${x} AS TIMESTAMP)` };
  }
  if (/^(U?BIGINT|U?INTEGER|HUGEINT|DOUBLE)$/.test(type)) return recogniseNumber(values);
  return type === "VARCHAR" ? recogniseText(values) : undefined;
}

/** A strptime format given by the user. */
export function givenFormat(format: string): TimeFormat {
  const parse = (x: string) => `try_strptime(CAST(${x} AS VARCHAR), ${quoteText(format)})`;
  if (/%z/.test(format)) return { name: format, kind: "instant", sql: parse };
  if (/%[HIMSfgnpXcs]/.test(format)) return { name: format, kind: "naive", sql: parse };
  return { name: format, kind: "date", sql: (x) => `CAST(${parse(x)} AS DATE)` };
}

function recogniseNumber(values: readonly string[]): TimeFormat | undefined {
  const whole = values.map((value) => value.replace(/\.0+$/, ""));
  const dates = TEXT_FORMATS.find((format) => format.name === "yyyymmdd")!;
  if (whole.length > 0 && whole.every((value) => dates.pattern.test(value))) {
    const part = (sql: string) => `CAST(${sql} AS INTEGER)`;
    return {
      name: "yyyymmdd",
      kind: "date",
      sql: (x) =>
        `try(make_date(${part(`${x} // 10000`)}, ${part(`(${x} // 100) % 100`)}, ${part(`${x} % 100`)}))`,
    };
  }
  const epochs = epochFormats((x) => `CAST(${x} AS BIGINT)`);
  return epochs.find(({ pattern }) => whole.length > 0 && whole.every((value) => pattern.test(value)));
}

/** Time since 1970 in UTC. For dates from 2001 to 2286 the number of digits tells the unit. */
function epochFormats(toInteger: (x: string) => string): (TimeFormat & { readonly pattern: RegExp })[] {
  const format = (unit: string, digits: number, toMicros: (x: string) => string) => ({
    name: `epoch ${unit}`,
    kind: "instant" as const,
    pattern: new RegExp(`^\\d{${digits}}$`),
    sql: (x: string) => `make_timestamptz(${toMicros(toInteger(x))})`,
  });
  return [
    format("seconds", 10, (x) => `${x} * 1000000`),
    format("milliseconds", 13, (x) => `${x} * 1000`),
    format("microseconds", 16, (x) => x),
    format("nanoseconds", 19, (x) => `${x} // 1000`),
  ];
}
