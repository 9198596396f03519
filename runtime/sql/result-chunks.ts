import { QuiverError } from "../../shared/errors/index.ts";
import { duckdb, type RawResult } from "../engine/duckdb-bindings.ts";
import type { QueryRun } from "./query-run.ts";
import type { Chunk } from "./read-batches.ts";

/**
 * The next chunk of a streaming result, or null at its end. The binding silently reports a failure in the middle of a
 * result as its end; only the result's type then differs. So the type is checked at every end, and `explainFailure`
 * finds the reason.
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
 * Finds the message of a failure that was reported without one. It runs the query again, for a single number, so that no
 * rows are kept. Throws that failure, or an error which says that it did not happen again.
 */
export async function explainFailure(
  run: QueryRun,
  text: string,
  bind: (prepared: Awaited<ReturnType<typeof duckdb.prepare>>) => void,
): Promise<never> {
  await run.step(async () => {
    await duckdb.query(run.connection, "ROLLBACK");
    // The hash of whole rows needs every column, so DuckDB computes all of them.
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
    "The query failed while its rows were being sent, but succeeded when it was repeated to find the reason. Run it again.",
  );
}
