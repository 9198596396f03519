import { QuiverError } from "../../shared/errors/index.ts";
import { duckdb, type RawResult } from "../engine/duckdb-bindings.ts";
import type { QueryRun } from "./query-run.ts";
import type { Chunk } from "./read-batches.ts";

/**
 * The next chunk of a streaming result, null at its end. The binding reports a failure in the middle of a result as
 * its end, without a word: only the result's type then says that it is none. So every end is questioned, and what went
 * wrong is found by `explainFailure`.
 */
export async function nextChunk(
  run: QueryRun,
  result: RawResult,
  explainFailure: () => Promise<never>,
): Promise<Chunk | null> {
  const chunk = await run.step(() => duckdb.fetch_chunk(result));
  if (chunk !== null && duckdb.data_chunk_get_size(chunk) > 0) return chunk;
  run.throwIfStopped();
  if (duckdb.result_return_type(result) !== duckdb.ResultType.QUERY_RESULT) return explainFailure();
  return null;
}

/**
 * Finds the message of a failure that was reported without one, by running the query again for one number, so that
 * nothing but that is kept. Throws it, or says that it did not happen again.
 */
export async function explainFailure(
  run: QueryRun,
  text: string,
  bind: (prepared: Awaited<ReturnType<typeof duckdb.prepare>>) => void,
): Promise<never> {
  await run.step(async () => {
    await duckdb.query(run.connection, "ROLLBACK");
    // The hash of whole rows needs every column, so none is left out.
    const prepared = await duckdb.prepare(run.connection, `SELECT max(hash(q)) FROM (\n${text}\n) q`);
    try {
      bind(prepared);
      await duckdb.execute_prepared(prepared);
    } finally {
      duckdb.destroy_prepare_sync(prepared);
    }
  });
  throw new QuiverError(
    "sql-failed",
    "The query failed while its rows were being sent, and did not when it was run again to find out why. Run it again.",
  );
}
