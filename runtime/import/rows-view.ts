import { join } from "node:path";
import { openZone } from "../../shared/time/zone.ts";
import { daysOf } from "../../shared/time/dates.ts";
import { MICROS_PER_DAY } from "../../shared/time/timestamps.ts";
import { barChecks, soundBarSql } from "./bar-checks.ts";
import { BLANK_LINE, csvRowsSql, type RejectTables } from "./csv-rows.ts";
import { query, run, toNumber, type ImportContext } from "./import-context.ts";
import { PRICES, type ImportPlan, type PlannedTime, type SourceGroup } from "./import-plan.ts";
import { parquetRawSql, parquetRowsSql } from "./parquet-rows.ts";
import { reasonNumber } from "../../shared/protocol/import-reasons.ts";
import { quoteName, quoteText } from "../../shared/sql-text.ts";
import { fromUtc } from "./time-format.ts";
import { zoneSql } from "./zone-sql.ts";

/** A group's rows as a relation. */
export interface StagedGroup {
  readonly group: SourceGroup;
  /** SQL to follow FROM. */
  readonly from: string;
  /** The same with blank lines, which are not rows but have line numbers. */
  readonly lines: string;
  /** SQL of `_file_no`, `_row_no` and `_raw`, for the rows of a table that has the first two columns. */
  readonly raw: (wanted: string) => string;
  readonly rejects: RejectTables | null;
}

/** The earliest and latest event or known time, in microseconds. */
export interface TimeRange {
  readonly from: number;
  readonly to: number;
}

/** Converts text files to typed Parquet once. Parquet files are read in place. */
export async function stageGroups(context: ImportContext, plan: ImportPlan): Promise<StagedGroup[]> {
  const staged: StagedGroup[] = [];
  for (const [at, group] of plan.groups.entries()) {
    if (group.dialect === null) {
      const view = `${context.prefix}_source_${at}`;
      await run(context, `CREATE OR REPLACE TEMP VIEW ${view} AS ${parquetRowsSql(group, plan)}`);
      staged.push({
        group,
        from: view,
        lines: view,
        raw: (wanted) => parquetRawSql(group, wanted),
        rejects: null,
      });
    } else {
      const path = join(context.staging, `source-${at}.parquet`);
      const rejects = { errors: `${context.prefix}_errors_${at}`, scans: `${context.prefix}_scans_${at}` };
      await run(
        context,
        `COPY (${csvRowsSql(group, plan, rejects)}) TO ${quoteText(path)} (FORMAT parquet, COMPRESSION lz4)`,
      );
      const lines = `(SELECT *, file_row_number AS _row_no FROM read_parquet(${quoteText(path)}))`;
      const from = `(FROM ${lines} WHERE _fault <> ${BLANK_LINE})`;
      const raw = (wanted: string) =>
        `SELECT _file_no, _row_no, _raw FROM ${lines} SEMI JOIN ${wanted} USING (_file_no, _row_no)`;
      staged.push({ group, from, lines, raw, rejects });
    }
    context.progress({ stage: "stage", done: at + 1, total: plan.groups.length });
  }
  return staged;
}

/** The range of all times as read, with times without a zone taken as UTC; undefined if there are no times. */
export async function findTimeRange(
  context: ImportContext,
  staged: readonly StagedGroup[],
): Promise<TimeRange | undefined> {
  let from = Number.POSITIVE_INFINITY;
  let to = Number.NEGATIVE_INFINITY;
  for (const { group, from: relation } of staged) {
    for (const [column, time] of [
      ["_t", group.time],
      ["_known", group.known],
    ] as const) {
      if (time === null) continue;
      const micros = microsOf(column, time);
      const [row] = await query(context, `SELECT min(${micros}), max(${micros}) FROM ${relation}`);
      from = Math.min(from, toNumber(row?.[0]) ?? from);
      to = Math.max(to, toNumber(row?.[1]) ?? to);
    }
  }
  if (!(from <= to)) return undefined;
  // A stray year 9999 must not produce thousands of zone changes. Outside this range the nearest offset is used.
  const first = daysOf(1900, 1, 1) * MICROS_PER_DAY;
  const last = daysOf(2100, 1, 1) * MICROS_PER_DAY;
  return { from: Math.min(Math.max(from, first), last), to: Math.max(Math.min(to, last), first) };
}

/** The name of the view that {@link createRowsView} makes. */
export function rowsView(context: ImportContext): string {
  return `${context.prefix}_rows`;
}

/**
 * Creates the view of all rows of an import in canonical form: `_file_no`, `_row_no`, `symbol`, `ts`, `known_at`, the
 * values, and `_reason` (the number of the first reason that applies, or 0). Reasons that depend on other rows or on
 * the sessions are added later.
 */
export async function createRowsView(
  context: ImportContext,
  plan: ImportPlan,
  staged: readonly StagedGroup[],
  timezone: string,
  rules: { readonly allowNonPositivePrices: boolean },
  range: TimeRange,
): Promise<void> {
  const selects = staged.map(({ group, from }) => canonicalSql(group, from, plan, timezone, rules, range));
  await run(context, `CREATE OR REPLACE TEMP VIEW ${rowsView(context)} AS ${selects.join(" UNION ALL ")}`);
}

function canonicalSql(
  group: SourceGroup,
  from: string,
  plan: ImportPlan,
  timezone: string,
  rules: { readonly allowNonPositivePrices: boolean },
  range: TimeRange,
): string {
  const names = plan.values.map((value) => value.name);
  const checks = barChecks(new Set(plan.kind === "bars" ? names : []), rules.allowNonPositivePrices);
  const ts = group.time === null ? null : eventTimeSql(group.time, plan, timezone, range);
  const known = group.known === null ? null : knownTimeSql(group.known, plan, timezone, range);
  const when = (condition: string | null, reason: number) =>
    condition === null ? "" : ` WHEN ${condition} THEN ${reason}`;
  const sound = soundBarSql(new Set(plan.kind === "bars" ? names : []), rules.allowNonPositivePrices);
  const keys = [...(ts === null ? [] : ["ts"]), ...(known === null ? [] : ["known_at"])];
  const isSound = [
    "symbol <> ''",
    ...keys.map((key) => `${key} IS NOT NULL`),
    ...(sound === null ? [] : [sound]),
  ].join(" AND ");
  const infinite =
    plan.kind === "bars"
      ? plan.values.filter(({ name, type }) => PRICES.includes(name) && type.startsWith("float"))
      : [];
  const reason = [
    // The other branches of a CASE are evaluated only for the remaining rows, which are very few.
    `CASE${sound === null ? "" : ` WHEN _fault = 0 AND ${isSound} THEN 0`} WHEN _fault > 0 THEN _fault`,
    when(
      infinite.length === 0
        ? null
        : `(${infinite.map(({ name }) => `isinf(${quoteName(name)})`).join(" OR ")})`,
      reasonNumber("unparsable"),
    ),
    // A time of day in daily data was read but cannot be stored.
    when(ts === null ? null : "(ts IS NULL AND _t IS NOT NULL)", reasonNumber("unparsable")),
    when("(symbol IS NULL OR symbol = '')", reasonNumber("null-key")),
    when(ts === null ? null : "ts IS NULL", reasonNumber("null-time")),
    when(known === null ? null : "known_at IS NULL", reasonNumber("null-time")),
    when(checks.nonPositive, reasonNumber("non-positive-price")),
    when(checks.highBelowLow, reasonNumber("high-below-low")),
    when(checks.openCloseOutside, reasonNumber("open-close-outside-range")),
    " ELSE 0 END",
  ].join("");
  const inner = [
    "_file_no",
    "_row_no",
    "symbol",
    ...(ts === null ? [] : ["_t", `${ts} AS ts`]),
    ...(known === null ? [] : [`${known} AS known_at`]),
    ...names.map(quoteName),
    "_fault",
  ];
  const outer = inner
    .filter((column) => column !== "_t" && column !== "_fault")
    .map((column) => column.replace(/^.* AS (ts|known_at)$/s, "$1"));
  return `SELECT ${outer.join(", ")}, CAST(${reason} AS TINYINT) AS _reason FROM (SELECT ${inner.join(", ")} FROM ${from})`;
}

function eventTimeSql(time: PlannedTime, plan: ImportPlan, timezone: string, range: TimeRange): string {
  const { kind } = time.format;
  if (plan.daily) {
    if (kind === "date") return "_t";
    if (kind === "naive") return "CASE WHEN _t = date_trunc('day', _t) THEN CAST(_t AS DATE) END";
    const local = zoneSql(openZone(timezone), range.from, range.to).toLocal("epoch_us(_t)");
    const dateOf = (micros: string) => `DATE '1970-01-01' + CAST(${micros} // ${MICROS_PER_DAY} AS INTEGER)`;
    return `CASE WHEN epoch_us(_t) % ${MICROS_PER_DAY} = 0 THEN ${dateOf("epoch_us(_t)")} WHEN ${local} % ${MICROS_PER_DAY} = 0 THEN ${dateOf(local)} END`;
  }
  if (kind === "instant") return "_t";
  return instantSql("_t", kind === "date" ? timezone : (plan.sourceTimezone ?? timezone), range);
}

/** A known date counts from its end, because it does not tell when on that day the row became known. */
function knownTimeSql(time: PlannedTime, plan: ImportPlan, timezone: string, range: TimeRange): string {
  const { kind } = time.format;
  if (kind === "instant") return "_known";
  if (kind === "naive") return instantSql("_known", plan.sourceTimezone ?? timezone, range);
  return instantSql("CAST(_known + 1 AS TIMESTAMP)", timezone, range);
}

/** A wall-clock TIMESTAMP in a zone as an instant. */
function instantSql(local: string, timezone: string, range: TimeRange): string {
  const zone = openZone(timezone);
  if (zone.name === "UTC") return fromUtc(local);
  const sql = zoneSql(zone, range.from, range.to + MICROS_PER_DAY);
  return `make_timestamptz(${sql.toInstant(`epoch_us(${local})`)})`;
}

function microsOf(column: string, time: PlannedTime): string {
  return time.format.kind === "date" ? `epoch_us(CAST(${column} AS TIMESTAMP))` : `epoch_us(${column})`;
}
