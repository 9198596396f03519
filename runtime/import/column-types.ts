import type { ColumnType } from "../../shared/contract/columns.ts";
import { QuiverError } from "../../shared/errors/index.ts";

/** The type in which a Parquet column is stored. Types that have none are refused. */
export function columnTypeOf(path: string, name: string, sqlType: string): ColumnType {
  if (sqlType === "DOUBLE" || sqlType.startsWith("DECIMAL")) return "float64";
  if (sqlType === "FLOAT") return "float32";
  if (/^(BIGINT|UINTEGER|UBIGINT|HUGEINT|UHUGEINT)$/.test(sqlType)) return "int64";
  if (/^U?(TINYINT|SMALLINT)$|^INTEGER$/.test(sqlType)) return "int32";
  if (sqlType === "BOOLEAN") return "bool";
  if (sqlType === "VARCHAR" || sqlType.startsWith("ENUM")) return "utf8";
  if (sqlType === "DATE") return "date32";
  if (sqlType.startsWith("TIMESTAMP")) return "timestamp";
  throw new QuiverError(
    "import-ambiguous",
    `Cannot import ${path}: its column ${JSON.stringify(name)} has the type ${sqlType}, which a dataset cannot store. Expected numbers, text, booleans, dates or timestamps; leave it out with --ignore ${name}.`,
    { path, column: name, type: sqlType },
  );
}

/** The type that can hold the values of both. */
export function commonType(a: ColumnType, b: ColumnType): ColumnType {
  if (a === b) return a;
  const pair = new Set([a, b]);
  const numeric = [...pair].every((type) => /^(float|int)/.test(type));
  if (!numeric) return "utf8";
  return pair.has("int64") && pair.has("int32") ? "int64" : "float64";
}

const NUMBER = /^[-+]?(\d+\.?\d*|\.\d+)([eE][-+]?\d+)?$/;

/** Texts that mean a missing value in a text file, compared in lower case. */
export const NULL_TEXTS: readonly string[] = ["", "na", "n/a", "nan", "null", "none", "nil", "-"];

export function isNullText(text: string | null): boolean {
  return text === null || NULL_TEXTS.includes(text.toLowerCase());
}

/** Infers the type of a text column from a sample. Numbers are float64, even if the first ones are whole. */
export function textColumnType(values: readonly (string | null)[], isNumericByName: boolean): ColumnType {
  const filled = values.filter((value): value is string => value !== null && !isNullText(value));
  if (isNumericByName) return "float64";
  return filled.length > 0 && filled.every((value) => NUMBER.test(value)) ? "float64" : "utf8";
}
