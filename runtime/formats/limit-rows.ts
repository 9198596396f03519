import { QuiverError } from "../../shared/errors/index.ts";
import type { ResultFormat } from "../../shared/protocol/result.ts";
import { RESULT_FORMATS } from "./media-types.ts";
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
  format: ResultFormat,
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

function limitExceeded(rowLimit: number, format: ResultFormat): QuiverError {
  const {
    isLimited,
    names: [name],
  } = RESULT_FORMATS[format];
  const fewer = "Ask for fewer rows (WHERE, LIMIT, `from`, `to`, `symbols`)";
  return new QuiverError(
    "row-limit-exceeded",
    // A format without a limit of its own was given one.
    isLimited
      ? `Cannot answer: the result has more than the ${rowLimit} rows that are the limit for ${name}. ` +
          `${fewer}, raise \`limit\`, or take a format without one: arrow, parquet or csv.`
      : `Cannot answer: the result has more than the ${rowLimit} rows that \`limit\` allows. ` +
          `${fewer}, or raise \`limit\` or leave it out.`,
    { rowLimit, format: name },
  );
}
