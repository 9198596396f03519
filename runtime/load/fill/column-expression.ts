import { quoteName, quoteText } from "../../../shared/sql-text.ts";
import type { ColumnType } from "../../../shared/arrow/index.ts";
import { QuiverError } from "../../../shared/errors/index.ts";

/** How a stored column is selected so that its raw values can be used without conversion. */
export interface ColumnExpression {
  readonly value: string;
  /** Bytes per selected value. */
  readonly byteWidth: 1 | 4 | 8;
  /** Values are selected as float32 and stored as float64, which is cheaper than casting and copying them. */
  readonly widen: boolean;
  /** Selects whether there is a value; null if none is missing or floats express nulls as NaN. */
  readonly valid: string | null;
}

/**
 * The expression that reads a stored column as the requested type. Null floats become NaN; other nulls become zero
 * with a separate validity. A conversion that would silently lose something fails instead: a fraction, an overflow,
 * text.
 */
export function columnExpression(
  column: { readonly name: string; readonly type: ColumnType; readonly nullable: boolean },
  wanted: Exclude<ColumnType, "utf8">,
  dataset: string,
): ColumnExpression {
  const name = quoteName(column.name);
  const converted = CONVERSIONS[column.type][wanted];
  if (converted === undefined) throw columnTypeMismatch(column, wanted, dataset);
  const { sql, zero, byteWidth, widen = false } = converted(name);
  const isFloat = wanted === "float64" || wanted === "float32";
  return {
    value: column.nullable ? `coalesce(${sql}, ${zero})` : sql,
    byteWidth,
    widen,
    valid: column.nullable && !isFloat ? `(${name} IS NOT NULL)` : null,
  };
}

/** Int32 codes into sorted labels, -1 for null. */
export function codeExpression(name: string, labels: readonly string[]): ColumnExpression {
  const value =
    labels.length === 0
      ? "CAST(-1 AS INTEGER)"
      : `coalesce(enum_code(CAST(${quoteName(name)} AS ENUM(${labels.map(quoteText).join(",")})))::INTEGER, -1)`;
  return { value, byteWidth: 4, widen: false, valid: null };
}

interface Converted {
  readonly sql: string;
  /** The value that replaces a null. */
  readonly zero: string;
  readonly byteWidth: 1 | 4 | 8;
  readonly widen?: boolean;
}

type Conversion = (name: string) => Converted;
type Conversions = Partial<Record<Exclude<ColumnType, "utf8">, Conversion>>;

const asDouble = (name: string): Converted => ({
  sql: `${name}::DOUBLE`,
  zero: "'NaN'::DOUBLE",
  byteWidth: 8,
});
const asFloat = (name: string): Converted => ({ sql: `${name}::FLOAT`, zero: "'NaN'::FLOAT", byteWidth: 4 });
const asInteger = (name: string): Converted => ({ sql: `${name}::INTEGER`, zero: "0", byteWidth: 4 });
const asBigint = (name: string): Converted => ({ sql: `${name}::BIGINT`, zero: "0", byteWidth: 8 });
const asDate = (sql: string): Converted => ({ sql, zero: "DATE '1970-01-01'", byteWidth: 4 });
const asInstant = (sql: string): Converted => ({
  sql,
  zero: "TIMESTAMPTZ '1970-01-01 00:00:00+00'",
  byteWidth: 8,
});

/** Gives a whole number, or fails and names the value. */
const integral =
  (type: "INTEGER" | "BIGINT"): Conversion =>
  (name) => ({
    sql: `(CASE WHEN ${name} IS NULL OR ${name} = trunc(${name}) THEN ${name}::${type} ELSE error('not a whole number: ' || ${name}) END)`,
    zero: "0",
    byteWidth: type === "INTEGER" ? 4 : 8,
  });

/** From stored type to requested type; anything not listed is refused. */
const CONVERSIONS: Readonly<Record<ColumnType, Conversions>> = {
  float32: {
    float32: asFloat,
    float64: (name) => ({ sql: name, zero: "'NaN'::FLOAT", byteWidth: 4, widen: true }),
    int32: integral("INTEGER"),
    int64: integral("BIGINT"),
  },
  float64: {
    float32: asFloat,
    float64: asDouble,
    int32: integral("INTEGER"),
    int64: integral("BIGINT"),
  },
  int32: { float32: asFloat, float64: asDouble, int32: asInteger, int64: asBigint },
  int64: { float32: asFloat, float64: asDouble, int32: asInteger, int64: asBigint },
  bool: {
    float32: asFloat,
    float64: asDouble,
    int32: asInteger,
    int64: asBigint,
    bool: (name) => ({ sql: name, zero: "false", byteWidth: 1 }),
  },
  date32: {
    date32: asDate,
    int32: asDate,
    timestamp: (name) => asInstant(`${name}::TIMESTAMP::TIMESTAMPTZ`),
    float64: (name) => asDouble(`(${name} - DATE '1970-01-01')`),
  },
  timestamp: {
    timestamp: asInstant,
    int64: asInstant,
    float64: (name) => asDouble(`epoch_us(${name})`),
    date32: (name) => asDate(`(${name} AT TIME ZONE 'UTC')::DATE`),
  },
  utf8: {},
};

/** The error for a column that cannot be read as a type. */
export function columnTypeMismatch(
  { name, type: stored }: { readonly name: string; readonly type: ColumnType },
  wanted: ColumnType,
  dataset: string,
): QuiverError {
  const possible = stored === "utf8" ? ["utf8"] : Object.keys(CONVERSIONS[stored]);
  return new QuiverError(
    "column-type-mismatch",
    `Cannot read column ${JSON.stringify(name)} of dataset ${JSON.stringify(dataset)} as ${wanted}: it is stored as ${stored}, which can be read as ${possible.join(", ")}.`,
    { dataset, column: name, stored, wanted, possible },
  );
}
