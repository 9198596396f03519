import { join } from "node:path";
import { QuiverError } from "../../shared/errors/index.ts";
import { compareCodePoints } from "../store/compare-code-points.ts";
import type { DatasetFile } from "../store/dataset.ts";
import { warningBits } from "./checked-rows.ts";
import { query, run, toCount, type ImportContext } from "./import-context.ts";
import type { ImportPlan } from "./import-plan.ts";
import type { Bucket } from "./plan-buckets.ts";
import { keyColumns, type RowProfile } from "./profile-rows.ts";
import { reasonNumber, type Warning } from "../../shared/protocol/import-reasons.ts";
import { removedTable } from "./removed-rows.ts";
import { quoteName, quoteTexts } from "../../shared/sql-text.ts";

/** File number of rows stored by earlier imports, which precede all files of this one. */
const STORED = -1;

/** Stored files that may contain a key of the bucket. */
export interface StoredFiles {
  readonly dir: string;
  readonly files: readonly DatasetFile[];
}

/**
 * Decides between rows with the same key, in two steps. Within a file, the first of consecutive rows with equal values
 * stays, and the last of rows with different values. Then file by file, beginning with the stored rows: equal values
 * change nothing, and different values replace those before. Files imported one by one or together therefore give the
 * same rows and counts. Adds the losing rows to the removed rows, and returns whether there are any.
 */
export async function settleRepeats(
  context: ImportContext,
  plan: ImportPlan,
  bucket: Bucket,
  profile: RowProfile,
  stored: StoredFiles,
): Promise<boolean> {
  const keys = keyColumns(plan).join(", ");
  const contested = `${context.prefix}_contested`;
  const sources = [
    ...(profile.isUnique
      ? []
      : [`SELECT ${keys}, count(*) AS n FROM ${bucket.from} GROUP BY ${keys} HAVING count(*) > 1`]),
    ...(stored.files.length === 0
      ? []
      : [
          `SELECT ${keys}, 1 AS n FROM ${storedRows(stored)} SEMI JOIN (SELECT ${keys} FROM ${bucket.from}) USING (${keys})`,
        ]),
  ];
  if (sources.length === 0) return false;
  await run(
    context,
    `CREATE OR REPLACE TEMP TABLE ${contested} AS SELECT ${keys}, max(n) AS n FROM (${sources.join(" UNION ALL ")}) GROUP BY ${keys}`,
  );
  const [found] = await query(context, `SELECT count(*), sum(n) FROM ${contested}`);
  const keyCount = toCount(found?.[0]);
  if (keyCount === 0) return false;
  if (toCount(found?.[1]) - keyCount >= bucket.rowCount / 2)
    await assertTimesWhole(context, plan, bucket, contested);
  await run(
    context,
    `INSERT INTO ${removedTable(context)} ${decisionSql(plan, bucket, stored, contested, keys, profile.warnings)}`,
  );
  return true;
}

function storedRows({ dir, files }: StoredFiles): string {
  return `(SELECT *, file_row_number AS _row_no, filename AS _stored_path FROM read_parquet(${quoteTexts(files.map((file) => join(dir, file.path)))}))`;
}

function decisionSql(
  plan: ImportPlan,
  bucket: Bucket,
  stored: StoredFiles,
  contested: string,
  keys: string,
  warnings: readonly Warning[],
): string {
  const names = plan.values.map((value) => quoteName(value.name));
  const packed =
    names.length === 0 ? "0" : `struct_pack(${names.map((name) => `${name} := ${name}`).join(", ")})`;
  const all = [...keyColumns(plan), ...names];
  const raw = `CAST(to_json(struct_pack(${all.map((name) => `${name} := CAST(${name} AS VARCHAR)`).join(", ")})) AS VARCHAR)`;
  const select = (fileNo: string, bits: string, path: string, from: string) =>
    `SELECT ${keys}, ${fileNo} AS _file_no, _row_no, CAST(${bits} AS TINYINT) AS warnings, ${path} AS _stored_path, ${packed} AS vals, ${raw} AS raw FROM ${from} SEMI JOIN ${contested} USING (${keys})`;
  const rows = [
    select("_file_no", warningBits(warnings), "NULL", bucket.from),
    ...(stored.files.length === 0 ? [] : [select(String(STORED), "0", "_stored_path", storedRows(stored))]),
  ].join(" UNION ALL ");
  const identical = reasonNumber("identical-repeat");
  // `starts`: the row differs from the row before it. All such rows but the last are removed.
  return `
    WITH rows AS (${rows}),
    in_file AS (
      SELECT *, row_number() OVER f = 1 OR vals IS DISTINCT FROM lag(vals) OVER f AS starts FROM rows
      WINDOW f AS (PARTITION BY ${keys}, _file_no ORDER BY _row_no)
    ),
    in_file_decided AS (
      SELECT *, CASE WHEN NOT starts THEN ${identical}
        WHEN _row_no < max(_row_no) FILTER (starts) OVER (PARTITION BY ${keys}, _file_no) THEN ${reasonNumber("conflicting-repeat")}
        ELSE 0 END AS reason FROM in_file
    ),
    over_files AS (
      SELECT *, row_number() OVER k = 1 OR vals IS DISTINCT FROM lag(vals) OVER k AS leads FROM in_file_decided WHERE reason = 0
      WINDOW k AS (PARTITION BY ${keys} ORDER BY _file_no)
    ),
    over_files_decided AS (
      SELECT * REPLACE (CASE WHEN NOT leads THEN ${identical}
        WHEN _file_no < max(_file_no) FILTER (leads) OVER (PARTITION BY ${keys}) THEN ${reasonNumber("superseded")}
        ELSE 0 END AS reason) FROM over_files
    )
    SELECT _file_no, _row_no, reason, warnings, _stored_path, raw FROM in_file_decided WHERE reason > 0
    UNION ALL
    SELECT _file_no, _row_no, reason, warnings, _stored_path, raw FROM over_files_decided WHERE reason > 0`;
}

/**
 * Refuses daily rows if many of them share a symbol and date: they are minutes that have lost their time of day, or
 * observations whose known time was not given.
 */
async function assertTimesWhole(
  context: ImportContext,
  plan: ImportPlan,
  bucket: Bucket,
  contested: string,
): Promise<void> {
  if (!plan.daily || plan.kind === "attributes") return;
  const keys = keyColumns(plan).join(", ");
  const values = plan.values.map((value) => quoteName(value.name)).join(", ");
  // Identical rows with the same key are copies, however many there are.
  const [row] = await query(
    context,
    `SELECT sum(n), count(*), max(n) FROM (SELECT ${keys}, count(*) AS n FROM (SELECT DISTINCT ${[keys, values].filter((v) => v !== "").join(", ")} FROM ${bucket.from} SEMI JOIN ${contested} USING (${keys})) GROUP BY ${keys})`,
  );
  const rows = toCount(row?.[0]);
  const days = toCount(row?.[1]);
  const most = toCount(row?.[2]);
  if (rows - days < bucket.rowCount / 2 || most < 3) return;
  const { path } = plan.groups[0]!.files[0]!;
  const source = plan.groups[0]!.time!.sources.join("+");
  throw new QuiverError(
    "time-of-day-lost",
    `Cannot import ${path}: ${rows} different rows share ${days} pairs of symbol and date, with up to ${most} rows per pair. Its column ${JSON.stringify(source)} holds only dates: a date64 column of minutes loses its time of day in Parquet. Write it as a timestamp; or, if the rows were observed at different times, pass the column with those times as --known-at.`,
    { path, column: source, rows, keys: days, most },
  );
}

/** The stored files that may contain a key within these bounds. */
export function overlappingFiles(
  files: readonly DatasetFile[],
  bounds: { firstSymbol: string; lastSymbol: string; firstTs: number | null; lastTs: number | null },
): DatasetFile[] {
  return files.filter(
    (file) =>
      compareCodePoints(file.firstSymbol, bounds.lastSymbol) <= 0 &&
      compareCodePoints(bounds.firstSymbol, file.lastSymbol) <= 0 &&
      (file.firstTs === null ||
        file.lastTs === null ||
        bounds.firstTs === null ||
        bounds.lastTs === null ||
        (file.firstTs <= bounds.lastTs && bounds.firstTs <= file.lastTs)),
  );
}
