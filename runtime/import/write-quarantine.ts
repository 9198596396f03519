import { join } from "node:path";
import { syncFileSync } from "../store/durable-files.ts";
import { query, toCount, type ImportContext } from "./import-context.ts";
import type { ImportPlan } from "./import-plan.ts";
import { rejectedLinesSql } from "./profile-rows.ts";
import { REASON_NAMES, reasonNumber } from "../../shared/protocol/import-reasons.ts";
import type { StagedGroup } from "./rows-view.ts";
import { removedTable } from "./removed-rows.ts";
import { quoteText, quoteTexts } from "../../shared/sql-text.ts";

/**
 * Writes every quarantined row with `source_file`, `row_number` (the line of a text file or the row of a Parquet file,
 * both from 1), `reason`, and `raw`: the original line or source row. For repeated and superseded rows, which are valid
 * in themselves, `raw` has the values as they would have been stored, as JSON. Returns the staged path and the number of
 * rows.
 */
export async function writeQuarantine(
  context: ImportContext,
  plan: ImportPlan,
  staged: readonly StagedGroup[],
): Promise<{ path: string; rowCount: number }> {
  const path = join(context.staging, "quarantine.parquet");
  const rejects = staged.flatMap(({ group, rejects: tables }) =>
    tables === null
      ? []
      : [
          rejectedLinesSql(
            tables,
            `list_position(${quoteTexts(group.files.map((file) => file.path))}, file_path) - 1 + ${group.firstFile} AS _file_no, CAST(line AS BIGINT) AS line, ${reasonNumber("unparsable")} AS reason, any_value(csv_line) AS raw`,
            "GROUP BY file_path, line",
          ),
        ],
  );
  const rejected = rejects.length === 0 ? null : `(${rejects.join(" UNION ALL ")})`;
  const hasRejected =
    rejected !== null && toCount((await query(context, `SELECT count(*) FROM ${rejected}`))[0]?.[0]) > 0;
  const read = lineNumberSql(await firstRows(context, staged));
  const line = hasRejected ? `${read} + ${rejectedBefore(rejected, read)}` : read;
  const raws = staged.map(({ raw }) =>
    raw(`(SELECT * FROM ${removedTable(context)} WHERE _file_no >= 0 AND raw IS NULL)`),
  );
  const rows = [
    `SELECT _file_no, ${line} AS line, reason, raw, _stored_path FROM ${removedTable(context)} AS r WHERE raw IS NOT NULL`,
    `SELECT r._file_no, ${line}, reason, s._raw, NULL FROM ${removedTable(context)} AS r JOIN (${raws.join(" UNION ALL ")}) AS s USING (_file_no, _row_no) WHERE r.raw IS NULL`,
    ...(hasRejected ? [`SELECT *, NULL FROM ${rejected}`] : []),
  ].join(" UNION ALL ");
  const files = plan.groups.flatMap((group) => group.files.map((file) => file.path));
  const [row] = await query(
    context,
    `COPY (SELECT coalesce(_stored_path, ${quoteTexts(files)}[_file_no + 1]) AS source_file, line AS row_number, ${quoteTexts(REASON_NAMES)}[reason] AS reason, raw
     FROM (${rows}) ORDER BY _file_no, line, reason) TO ${quoteText(path)} (FORMAT parquet, COMPRESSION zstd)`,
  );
  syncFileSync(path);
  return { path, rowCount: toCount(row?.[0]) };
}

/**
 * The number of lines that DuckDB rejected before the `read`th line that it read: those whose position among the lines
 * read, if they had been read, is not after it.
 */
function rejectedBefore(rejected: string, read: string): string {
  const places = `SELECT _file_no, line + 1 - row_number() OVER (PARTITION BY _file_no ORDER BY line) AS place FROM ${rejected}`;
  return `(SELECT count(*) FROM (${places}) AS p WHERE p._file_no = r._file_no AND p.place <= r.${read})`;
}

/** The number to add to `_row_no` to get a file's line, because staged files number the lines of a whole group. */
async function firstRows(
  context: ImportContext,
  staged: readonly StagedGroup[],
): Promise<Map<number, number>> {
  const shifts = new Map<number, number>();
  for (const { group, lines } of staged) {
    if (group.dialect === null) continue;
    const rows = await query(context, `SELECT _file_no, min(_row_no) FROM ${lines} GROUP BY _file_no`);
    const first = new Map(rows.map((row) => [toCount(row[0]), toCount(row[1])]));
    for (const [fileNo, row] of first) shifts.set(fileNo, group.dialect.skipLines - row);
  }
  return shifts;
}

function lineNumberSql(shifts: ReadonlyMap<number, number>): string {
  const groups = Map.groupBy(
    [...shifts].filter(([, shift]) => shift !== 0),
    ([, shift]) => shift,
  );
  if (groups.size === 0) return "_row_no + 1";
  const cases = [...groups].map(
    ([shift, files]) => `WHEN _file_no IN (${files.map(([fileNo]) => fileNo).join(", ")}) THEN ${shift}`,
  );
  return `_row_no + 1 + CASE ${cases.join(" ")} ELSE 0 END`;
}
