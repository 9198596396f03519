import { join, resolve } from "node:path";
import type { ColumnType } from "../../shared/arrow/index.ts";
import { quoteName, quoteText, quoteTexts, SQL_TYPES } from "../../shared/sql-text.ts";
import type { Clocks } from "../../shared/time/clocks.ts";
import type { DatasetRecord } from "../store/dataset.ts";
import type { Manifest } from "../store/manifest.ts";

/** The name of a dataset in SQL, where a plain name cannot contain `-`. */
export function sqlName(name: string): string {
  return name.replaceAll("-", "_");
}

/** All stored rows of a dataset, including every observation. */
export function observedSql(dataDir: string, record: DatasetRecord): string {
  const columns = record.columns.map(({ name, type }) => ({ name, type }));
  const files = record.files.map((file) => join(resolve(dataDir), record.name, file.path));
  return selectFiles(columns, files);
}

/** One row per key: the one that became known last. */
export function latestSql(dataDir: string, record: DatasetRecord): string {
  const observed = observedSql(dataDir, record);
  return record.knownTime === null ? observed : latestPerKey(`(${observed})`);
}

/**
 * The rows known at the moment `t`, with the latest row per key. `t` is a timestamp, or a date (also as text), which
 * stands for its end in the dataset's zone. Undefined for attributes, which have no time.
 */
export function asOfSql(dataDir: string, record: DatasetRecord): string | undefined {
  if (record.clocks === null) return undefined;
  const moment = momentSql(record.clocks.timezone);
  const observed = observedSql(dataDir, record);
  if (record.knownTime !== null) return latestPerKey(`(${observed}) WHERE known_at <= ${moment}`);
  return `SELECT * FROM (${observed}) WHERE ${knownTimeSql(record.clocks)} <= ${moment}`;
}

/** The rows of one published version. */
export function versionSql(versionDir: string, manifest: Manifest): string {
  const keys = [
    { name: "symbol", type: "utf8" },
    { name: "ts", type: manifest.tsType },
  ] as const;
  const outputs = manifest.schema
    .filter(({ name }) => name !== "symbol" && name !== "ts")
    .map(({ name, type }) => ({ name, type }));
  const files = manifest.parts.map((part) => resolve(versionDir, part.path));
  return selectFiles([...keys, ...outputs], files);
}

interface SqlColumn {
  readonly name: string;
  readonly type: ColumnType;
}

function selectFiles(columns: readonly SqlColumn[], files: readonly string[]): string {
  if (files.length === 0) {
    const empty = columns.map(({ name, type }) => `CAST(NULL AS ${SQL_TYPES[type]}) AS ${quoteName(name)}`);
    return `SELECT ${empty.join(", ")} WHERE false`;
  }
  const names = columns.map(({ name }) => quoteName(name)).join(", ");
  return `SELECT ${names} FROM read_parquet(${quoteTexts(files)}, hive_partitioning = false)`;
}

/** DuckDB pushes filters on `symbol` and `ts` down to the files, because the window is partitioned by these columns. */
function latestPerKey(from: string): string {
  return `SELECT * FROM ${from} QUALIFY row_number() OVER (PARTITION BY symbol, ts ORDER BY known_at DESC) = 1`;
}

function momentSql(timezone: string): string {
  const isDate = String.raw`regexp_full_match(CAST(t AS VARCHAR), '\s*\d{4}-\d{2}-\d{2}\s*')`;
  const endOfDate = `timezone(${quoteText(timezone)}, CAST(TRY_CAST(CAST(t AS VARCHAR) AS DATE) + 1 AS TIMESTAMP))`;
  return `(CASE WHEN ${isDate} THEN ${endOfDate} ELSE CAST(t AS TIMESTAMPTZ) END)`;
}

/** Bar end plus availability: `OpenClocks.knownTimeOf` in SQL; a test compares the two. */
function knownTimeSql(clocks: Clocks): string {
  const availability = `to_microseconds(${Math.round(clocks.availabilitySeconds * 1e6)})`;
  if (clocks.intervalSeconds !== "1d") {
    const length = clocks.stamp === "start" ? clocks.intervalSeconds : 0;
    return `(ts + to_microseconds(${Math.round(length * 1e6)}) + ${availability})`;
  }
  const close = `CAST(ts AS TIMESTAMP) + to_minutes(${closeMinuteSql(clocks)})`;
  return `(timezone(${quoteText(clocks.timezone)}, ${close}) + ${availability})`;
}

/** Minutes from a date's start to its close, or the whole day if it has no session. */
function closeMinuteSql({ sessions }: Clocks): string {
  const last = sessions?.intervals.at(-1)?.close;
  if (sessions === null || last === undefined) return "1440";
  const dates = (texts: readonly string[]) => texts.map((text) => `DATE ${quoteText(text)}`).join(", ");
  const weekdays = sessions.weekdays.join(", ");
  const cases = [`WHEN dayofweek(ts) NOT IN (${weekdays}) THEN 1440`];
  if (sessions.holidays.length > 0) cases.push(`WHEN ts IN (${dates(sessions.holidays)}) THEN 1440`);
  for (const { date, close } of sessions.halfDays) {
    cases.push(`WHEN ts = DATE ${quoteText(date)} THEN ${halfDayMinute(sessions.intervals, close)}`);
  }
  return `(CASE ${cases.join(" ")} ELSE ${minutesOf(last)} END)`;
}

/** The last interval that begins before the early close ends at that close, or earlier if it ends earlier anyway. */
function halfDayMinute(intervals: readonly { open: string; close: string }[], early: string): number {
  const closes = intervals
    .filter(({ open }) => minutesOf(open) < minutesOf(early))
    .map(({ close }) => Math.min(minutesOf(close), minutesOf(early)));
  return closes.at(-1) ?? minutesOf(early);
}

function minutesOf(text: string): number {
  const [hours = "0", minutes = "0"] = text.split(":");
  return Number(hours) * 60 + Number(minutes);
}
