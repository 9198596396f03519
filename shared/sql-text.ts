import type { ColumnType } from "./contract/columns.ts";

/** DuckDB's name for each column type as it is stored. */
export const SQL_TYPES: Readonly<Record<ColumnType, string>> = {
  float64: "DOUBLE",
  float32: "FLOAT",
  int64: "BIGINT",
  int32: "INTEGER",
  bool: "BOOLEAN",
  utf8: "VARCHAR",
  date32: "DATE",
  timestamp: "TIMESTAMP WITH TIME ZONE",
};

/** A name as an SQL identifier. */
export function quoteName(name: string): string {
  return `"${name.replaceAll('"', '""')}"`;
}

/** A text as an SQL string. */
export function quoteText(text: string): string {
  return `'${text.replaceAll("'", "''")}'`;
}

/** Texts as an SQL list. */
export function quoteTexts(texts: readonly string[]): string {
  return `[${texts.map(quoteText).join(", ")}]`;
}
