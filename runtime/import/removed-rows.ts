import { checkedView } from "./checked-rows.ts";
import { run, type ImportContext } from "./import-context.ts";

/** The table of rows that will not be stored, or no longer. */
export function removedTable(context: ImportContext): string {
  return `${context.prefix}_removed`;
}

/**
 * Makes the table of removed rows: `file_no` (-1, with `stored_path`, for rows of earlier imports), `row_no`,
 * `reason`, `warnings`, and `raw` where it is not to be fetched from the source. Those that cannot be bars by
 * themselves are in it from the start, so that what follows reads no more columns than it needs.
 */
export async function createRemovedTable(context: ImportContext, hasBadRows: boolean): Promise<void> {
  await run(
    context,
    `CREATE OR REPLACE TEMP TABLE ${removedTable(context)} (file_no INTEGER, row_no BIGINT, reason TINYINT, warnings TINYINT, stored_path VARCHAR, raw VARCHAR)`,
  );
  if (!hasBadRows) return;
  await run(
    context,
    `INSERT INTO ${removedTable(context)} SELECT file_no, row_no, reason, 0, NULL, NULL FROM ${checkedView(context)} WHERE reason > 0`,
  );
}

/** SQL of a relation without its removed rows. */
export function withoutRemoved(context: ImportContext, from: string): string {
  return `(SELECT * FROM ${from} ANTI JOIN (SELECT file_no, row_no FROM ${removedTable(context)} WHERE file_no >= 0) USING (file_no, row_no))`;
}

/** SQL of the rows that no reason of their own keeps out. */
export function goodRows(context: ImportContext, hasBadRows: boolean): string {
  return hasBadRows ? withoutRemoved(context, checkedView(context)) : checkedView(context);
}
