import { PRICES, SCALED, type ImportPlan, type SourceGroup } from "./import-plan.ts";
import { timeSource } from "./plan-time.ts";
import { reasonNumber } from "../../shared/protocol/import-reasons.ts";
import { SQL_TYPES, quoteName, quoteText, quoteTexts } from "../../shared/sql-text.ts";

/**
 * SQL that reads a group of Parquet files in place: `_file_no`, `_row_no`, `symbol`, `_t`, `_known`, the values in the
 * types in which they will be stored, and `_fault`.
 */
export function parquetRowsSql(group: SourceGroup, plan: ImportPlan): string {
  const { map } = group;
  const source = (name: string) => `s.${quoteName(name)}`;
  const values = plan.values.map(({ name, type }) => {
    const from = map.values.find((value) => value.name === name)!.source;
    const sqlType = group.columns.find((column) => column.name === from)!.type;
    return { name, type, from: source(from), sqlType };
  });
  const sql = values.map(({ name, type, from, sqlType }) => {
    const target = SQL_TYPES[type];
    const scale = plan.priceScale !== null && SCALED.includes(name) ? ` / ${plan.priceScale}` : "";
    if (type.startsWith("float")) {
      const cast = sqlType === target && scale === "" ? from : `(try_cast(${from} AS ${target})${scale})`;
      return `nullif(${cast}, 'NaN'::${target}) AS ${quoteName(name)}`;
    }
    // A value column that is a timestamp without a zone is taken as UTC.
    return `${sqlType === target ? from : `try_cast(${from} AS ${target})`} AS ${quoteName(name)}`;
  });
  const faults = [
    ...values.flatMap(({ name, type, from, sqlType }) => {
      // Infinite prices are found by the other checks of a bar.
      if (plan.kind === "bars" && PRICES.includes(name) && /^(FLOAT|DOUBLE)$/.test(sqlType)) return [];
      if (type.startsWith("float") && /^(FLOAT|DOUBLE)$/.test(sqlType)) return [`isinf(${from})`];
      return sqlType === SQL_TYPES[type] ? [] : [castFault(from, sqlType, SQL_TYPES[type])];
    }),
    ...(group.time === null
      ? []
      : [timeFault(group.time.format.sql(timeSource(group.time, source)), group.time.sources.map(source))]),
    ...(group.known === null
      ? []
      : [
          timeFault(group.known.format.sql(timeSource(group.known, source)), group.known.sources.map(source)),
        ]),
  ];
  const columns = [
    `${fileNoSql(group)} AS _file_no`,
    "s.file_row_number AS _row_no",
    `${symbolSql(group, source)} AS symbol`,
    ...(group.time === null ? [] : [`${group.time.format.sql(timeSource(group.time, source))} AS _t`]),
    ...(group.known === null ? [] : [`${group.known.format.sql(timeSource(group.known, source))} AS _known`]),
    ...sql,
    `CASE WHEN ${faults.length === 0 ? "false" : faults.join(" OR ")} THEN ${reasonNumber("unparsable")} ELSE 0 END AS _fault`,
  ];
  return `SELECT ${columns.join(", ")} FROM (SELECT *, file_index, file_row_number FROM ${files(group)}) AS s`;
}

/**
 * SQL of `_file_no`, `_row_no` and `_raw`, the source's own values as JSON, for the rows of a table. It is not part of
 * the view of rows, which would compute it for all of them.
 */
export function parquetRawSql(group: SourceGroup, wanted: string): string {
  const fields = group.columns
    .map(({ name }) => `${quoteName(name)} := CAST(s.${quoteName(name)} AS VARCHAR)`)
    .join(", ");
  return `SELECT w._file_no, w._row_no, CAST(to_json(struct_pack(${fields})) AS VARCHAR) AS _raw
    FROM ${wanted} AS w JOIN (SELECT *, file_index, file_row_number FROM ${files(group)}) AS s
    ON w._file_no = ${fileNoSql(group)} AND w._row_no = s.file_row_number`;
}

/** The number of a row's file. It is a constant if there is only one, which makes grouping by it free. */
function fileNoSql(group: SourceGroup): string {
  if (group.files.length === 1) return `CAST(${group.firstFile} AS INTEGER)`;
  return `CAST(s.file_index AS INTEGER) + ${group.firstFile}`;
}

function files(group: SourceGroup): string {
  return `read_parquet(${quoteTexts(group.files.map((file) => file.path))})`;
}

/** A condition for values that the target type cannot hold. A cast to whole numbers would round fractions silently. */
function castFault(from: string, sqlType: string, target: string): string {
  const lost = `(${from} IS NOT NULL AND try_cast(${from} AS ${target}) IS NULL)`;
  const isFraction = /^(FLOAT|DOUBLE|DECIMAL)/.test(sqlType) && /INT/.test(target);
  return isFraction ? `(${lost} OR ${from} <> floor(${from}))` : lost;
}

function timeFault(sql: string, sources: readonly string[]): string {
  return `(${sql} IS NULL AND ${sources.map((source) => `${source} IS NOT NULL`).join(" AND ")})`;
}

function symbolSql(group: SourceGroup, source: (name: string) => string): string {
  const { symbols, map, columns } = group;
  if (symbols !== null) {
    if (new Set(symbols).size === 1) return quoteText(symbols[0]!);
    return `${quoteTexts(symbols)}[CAST(s.file_index AS INTEGER) + 1]`;
  }
  const column = source(map.symbol!);
  const isText = columns.find(({ name }) => name === map.symbol)!.type === "VARCHAR";
  // Empty symbols are found later: a function here would lose the column's dictionary encoding.
  return isText ? column : `CAST(${column} AS VARCHAR)`;
}
