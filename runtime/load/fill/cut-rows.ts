/** Consecutive rows of a row set that go into one file. */
export interface RowRun {
  readonly firstRow: number;
  readonly rowCount: number;
}

/**
 * The approximate number of rows per column file: small enough that work starts early and no file approaches 1 GiB,
 * large enough that a row set of a year is not a thousand files.
 */
export const PART_ROWS = 2_500_000;

/** Cuts rows between units. Every part except the last has at least `rowsWanted` rows, and as few more as possible. */
export function cutRows(firstRows: readonly number[], rowsWanted: number): RowRun[] {
  const rowCount = firstRows.at(-1) ?? 0;
  const runs: RowRun[] = [];
  let start = 0;
  for (let unit = 1; unit < firstRows.length; unit++) {
    const end = firstRows[unit]!;
    // A remainder too small to be a separate part joins the last one.
    if (end - start >= rowsWanted && rowCount - end >= rowsWanted / 4) {
      runs.push({ firstRow: start, rowCount: end - start });
      start = end;
    }
  }
  if (rowCount > start || runs.length === 0) runs.push({ firstRow: start, rowCount: rowCount - start });
  return runs;
}
