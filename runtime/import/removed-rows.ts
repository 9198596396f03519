import { checkedView } from "./checked-rows.ts";
import { run, type ImportContext } from "./import-context.ts";

/** The table of rows that will not be stored, or that are stored and will be removed. */
export function removedTable(context: ImportContext): string {
  return `${context.prefix}_removed`;
}

/**
 * Creates the table of removed rows: `_file_no` (-1, with `_stored_path`, for rows of earlier imports), `_row_no`,
 * `reason`, `warnings`, and `raw` unless it can be read from the source. Rows that fail a check of their own are added
 * at once, so that the next steps read no more columns than they need.
 */
export async function createRemovedTable(context: ImportContext, hasBadRows: boolean): Promise<void> {
  await run(
    context,
    `CREATE OR REPLACE TEMP TABLE ${removedTable(context)} (_file_no INTEGER, _row_no BIGINT, reason TINYINT, warnings TINYINT, _stored_path VARCHAR, raw VARCHAR)`,
  );
  if (!hasBadRows) return;
  await run(
    context,
    `INSERT INTO ${removedTable(context)} SELECT _file_no, _row_no, _reason, 0, NULL, NULL FROM ${checkedView(context)} WHERE _reason > 0`,
  );
}

/** SQL of a relation without its removed rows. */
export function withoutRemoved(context: ImportContext, from: string): string {
  return `(SELECT * FROM ${from} ANTI JOIN (SELECT _file_no, _row_no FROM ${removedTable(context)} WHERE _file_no >= 0) USING (_file_no, _row_no))`;
}

/** SQL of the rows that pass all checks of a single row. */
export function goodRows(context: ImportContext, hasBadRows: boolean): string {
  return hasBadRows ? withoutRemoved(context, checkedView(context)) : checkedView(context);
}
