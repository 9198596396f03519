import type { ColumnType } from "../../shared/contract/columns.ts";
import { barChecks, soundBarSql } from "./bar-checks.ts";
import { NULL_TEXTS } from "./column-types.ts";
import { SCALED, type ImportPlan, type SourceGroup } from "./import-plan.ts";
import { timeSource } from "./plan-time.ts";
import { reasonNumber } from "../../shared/protocol/import-reasons.ts";
import { SQL_TYPES, quoteName, quoteText, quoteTexts } from "../../shared/sql-text.ts";

/** Marks a blank line. It is not a row, but it stays in the staged file so that line numbers are right. */
export const BLANK_LINE = -1;

/** Tables into which DuckDB writes lines that it cannot read as text. */
export interface RejectTables {
  readonly errors: string;
  readonly scans: string;
}

/**
 * SQL that reads the lines of a group of text files and splits and casts them itself, so that every line of every file,
 * good or bad, is one row, in file order. (DuckDB's own splitting stops at some malformed lines, merges others, and is
 * not faster.) Columns: `_file_no`, `symbol`, `_t`, `_known`, the values, `_fault`, `_raw`. Names that begin with an
 * underscore cannot clash with those of a dataset.
 */
export function csvRowsSql(group: SourceGroup, plan: ImportPlan, rejects: RejectTables): string {
  const { dialect, map } = group;
  if (dialect === null) throw new Error("a group of text files has a dialect");
  const field = (name: string) =>
    quoteName(`_f_${group.columns.findIndex((column) => column.name === name)}`);
  const used = new Set([...map.ts, ...map.values.map((value) => value.source)]);
  if (map.symbol !== null) used.add(map.symbol);
  if (map.knownAt !== null) used.add(map.knownAt);
  const fields = group.columns.map(({ name }, at) =>
    used.has(name) ? `f[${at + 1}] AS ${field(name)}` : null,
  );

  const values = plan.values.map(({ name, type }) => {
    const source = field(map.values.find((value) => value.name === name)!.source);
    return { name, type, source, sql: scaled(castText(source, type), name, plan) };
  });
  const time = group.time === null ? null : timeSource(group.time, field);
  const known = group.known === null ? null : timeSource(group.known, field);
  const faults = [
    ...values
      .filter(({ type }) => type !== "utf8")
      .map(
        ({ name, type, source }) =>
          `(${quoteName(name)} IS NULL AND NOT ${isNull(source)}${notNaN(source, type)})`,
      ),
    ...values.filter(({ type }) => type.startsWith("float")).map(({ name }) => `isinf(${quoteName(name)})`),
    ...(time === null ? [] : [`(_t IS NULL AND NOT ${isNull(time)})`]),
    ...(known === null ? [] : [`(_known IS NULL AND NOT ${isNull(known)})`]),
  ];
  const header = dialect.header === null ? "false" : `trim(_l) = ${quoteText(dialect.header.trim())}`;
  const count = group.columns.length;
  // Nearly every line passes this test and needs no other. A header line fails it, because it contains no number.
  const right = [
    ...(time === null ? [] : ["_t IS NOT NULL"]),
    ...(known === null ? [] : ["_known IS NOT NULL"]),
    ...values
      .filter(({ type }) => type !== "utf8")
      .map(({ name, type }) =>
        type.startsWith("float") ? `isfinite(${quoteName(name)})` : `${quoteName(name)} IS NOT NULL`,
      ),
  ];
  const fault = `CASE ${right.length === 0 ? "" : `WHEN _n = ${count} AND ${right.join(" AND ")} THEN 0`}
    WHEN _l IS NULL OR trim(_l) = '' THEN ${BLANK_LINE}
    WHEN ${header} THEN ${reasonNumber("repeated-header")}
    WHEN _n IS DISTINCT FROM ${count}${faults.map((condition) => ` OR ${condition}`).join("")} THEN ${reasonNumber("unparsable")}
    ELSE 0 END`;
  const typed = `SELECT _file_no, _l, _n, ${[
    `${symbolSql(group, field)} AS symbol`,
    ...(group.time === null || time === null ? [] : [`${group.time.format.sql(time)} AS _t`]),
    ...(group.known === null || known === null ? [] : [`${group.known.format.sql(known)} AS _known`]),
    ...values.map(({ name, sql }) => `${sql} AS ${quoteName(name)}`),
    ...group.columns.filter(({ name }) => used.has(name)).map(({ name }) => field(name)),
  ].join(
    ", ",
  )} FROM (SELECT _file_no, l AS _l, len(f) AS _n, ${fields.filter((sql) => sql !== null).join(", ")} FROM (${fieldsSql(group, rejects)}))`;
  const names = [
    "symbol",
    ...(time === null ? [] : ["_t"]),
    ...(known === null ? [] : ["_known"]),
    ...values.map(({ name }) => quoteName(name)),
  ];
  return `SELECT _file_no, ${names.join(", ")}, CAST(_fault AS TINYINT) AS _fault,
    CASE WHEN _fault = 0 AND ${sound(group, plan)} THEN NULL WHEN _fault > 0 OR ${suspicious(group, plan)} THEN _l END AS _raw
    FROM (SELECT *, ${fault} AS _fault FROM (${typed}))`;
}

/** A condition that holds only for rows that pass all checks, and for nearly all of those. */
function sound(group: SourceGroup, plan: ImportPlan): string {
  const bar =
    plan.kind === "bars" ? soundBarSql(new Set(plan.values.map((value) => value.name)), false) : null;
  return [
    "symbol IS NOT NULL",
    ...(group.time === null ? [] : ["_t IS NOT NULL"]),
    ...(group.known === null ? [] : ["_known IS NOT NULL"]),
    ...(bar === null ? [] : [bar]),
    ...(plan.kind === "bars" && bar === null ? ["false"] : []),
  ].join(" AND ");
}

/** A condition for rows that will be quarantined, so that their line has to be stored. */
function suspicious(group: SourceGroup, plan: ImportPlan): string {
  const checks = barChecks(new Set(plan.values.map((value) => value.name)), false);
  const conditions = [
    "symbol IS NULL",
    ...(group.time === null ? [] : ["_t IS NULL"]),
    ...(group.known === null ? [] : ["_known IS NULL"]),
    ...(plan.kind === "bars"
      ? [checks.nonPositive, checks.highBelowLow, checks.openCloseOutside].filter((sql) => sql !== null)
      : []),
  ];
  return conditions.map((sql) => `coalesce(${sql}, false)`).join(" OR ");
}

/** Every line with its fields, which are null if a quote is not closed. */
function fieldsSql(group: SourceGroup, rejects: RejectTables): string {
  const { separator, skipLines } = group.dialect!;
  const s = escapeRegex(separator);
  const parts = `regexp_extract_all(${quoteText(separator)} || l, ${quoteText(`${s}("(?:[^"]|"")*"|[^${s}"]*)`)}, 1)`;
  const whole = `list_sum(list_transform(p, lambda e: length(e))) + len(p) * ${separator.length} = length(l) + ${separator.length}`;
  const unquoted = `list_transform(p, lambda e: CASE WHEN starts_with(e, '"') THEN replace(e[2:-2], '""', '"') ELSE e END)`;
  const lines = `SELECT CAST(file_index AS INTEGER) + ${group.firstFile} AS _file_no, l, CASE WHEN contains(l, '"') THEN ${parts} END AS p
    FROM read_csv(${quoteTexts(group.files.map((file) => file.path))}, columns = {'l': 'VARCHAR'}, delim = chr(1), quote = '', escape = '',
      header = false, auto_detect = false, skip = ${skipLines}, compression = '${group.files[0]!.gzipped ? "gzip" : "none"}',
      store_rejects = true, rejects_limit = 0, rejects_table = ${quoteText(rejects.errors)}, rejects_scan = ${quoteText(rejects.scans)})`;
  return `SELECT _file_no, l, CASE WHEN p IS NULL THEN string_split(l, ${quoteText(separator)}) WHEN ${whole} THEN ${unquoted} END AS f FROM (${lines})`;
}

function symbolSql(group: SourceGroup, field: (name: string) => string): string {
  const { symbols, map } = group;
  if (symbols === null) return `nullif(trim(${field(map.symbol!)}), '')`;
  if (new Set(symbols).size === 1) return quoteText(symbols[0]!);
  return `${quoteTexts(symbols)}[_file_no - ${group.firstFile} + 1]`;
}

function castText(x: string, type: ColumnType): string {
  switch (type) {
    case "utf8":
      return `CASE WHEN ${isNull(x)} THEN NULL ELSE trim(${x}) END`;
    case "float64":
    case "float32":
      return `nullif(try_cast(${x} AS ${SQL_TYPES[type]}), 'NaN'::${SQL_TYPES[type]})`;
    case "int64":
    case "int32":
      // A cast would round 5.5 to 6.
      return `CASE WHEN try_cast(${x} AS DOUBLE) = floor(try_cast(${x} AS DOUBLE)) THEN try_cast(${x} AS ${SQL_TYPES[type]}) END`;
    default:
      return `try_cast(${x} AS ${SQL_TYPES[type]})`;
  }
}

function scaled(sql: string, name: string, plan: ImportPlan): string {
  return plan.priceScale !== null && SCALED.includes(name) ? `(${sql} / ${plan.priceScale})` : sql;
}

function isNull(x: string): string {
  // DuckDB turns a longer list after IN into a join over all rows.
  return `(${x} IS NULL OR list_contains(${quoteTexts(NULL_TEXTS)}, lower(trim(${x}))))`;
}

/** NaN is a missing value, in any case and with or without a sign. */
function notNaN(x: string, type: ColumnType): string {
  return type.startsWith("float") ? ` AND NOT coalesce(isnan(try_cast(${x} AS DOUBLE)), false)` : "";
}

/** A regular expression that matches a text literally. */
function escapeRegex(text: string): string {
  return text.replace(/[\\^$.*+?()[\]{}|/-]/g, "\\$&");
}
