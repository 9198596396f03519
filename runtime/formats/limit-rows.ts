import { QuiverError } from "../../shared/errors/index.ts";
import type { ResultBatch, ResultBatches } from "./result-batch.ts";

/**
 * Results up to this many rows are held back until they are known to be within the limit, so that a refusal comes
 * before any byte.
 */
const HELD_ROWS_MAX = 100_000;

/**
 * Passes the batches on as long as there are at most `rowLimit` rows; one row more throws `row-limit-exceeded`.
 * Rows are never left out silently. Small limits are checked before the first batch is passed on.
 */
export async function* limitRows(
  batches: ResultBatches,
  rowLimit: number,
  format: string,
): AsyncGenerator<ResultBatch> {
  const held: ResultBatch[] = [];
  const holds = rowLimit <= HELD_ROWS_MAX;
  let rowCount = 0;
  for await (const batch of batches) {
    rowCount += batch.rowCount;
    if (rowCount > rowLimit) throw limitExceeded(rowLimit, format);
    if (holds) held.push(batch);
    else yield batch;
  }
  yield* held;
}

function limitExceeded(rowLimit: number, format: string): QuiverError {
  return new QuiverError(
    "row-limit-exceeded",
    `Cannot answer: the result has more than the ${rowLimit} rows that are the limit for ${format}. ` +
      "Ask for fewer rows (WHERE, LIMIT, `from`, `to`, `symbols`), raise `limit`, " +
      "or take a format without one: arrow, parquet or csv.",
    { rowLimit, format },
  );
}
