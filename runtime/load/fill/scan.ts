import { duckdb, type RawConnection, type RawResult } from "../../engine/duckdb-bindings.ts";

/**
 * Receives the values of one vector of rows, one array per selected column, as views that are valid only during the
 * callback.
 */
export type ReceiveRows = (rowCount: number, columns: readonly Uint8Array[]) => void;

/** Runs a query to completion; its rows stay in DuckDB's memory. */
export function runQuery(connection: RawConnection, sql: string): Promise<RawResult> {
  return duckdb.query(connection, sql);
}

/**
 * Passes on the rows of a finished query, in order, as raw values. Synchronous: fetching a vector takes 10 µs, and
 * awaiting a promise for each would cost more than everything else.
 */
export function receiveRows(result: RawResult, byteWidths: readonly number[], receive: ReceiveRows): number {
  const chunkCount = duckdb.result_chunk_count(result);
  const columns: Uint8Array[] = byteWidths.map(() => new Uint8Array(0));
  let total = 0;
  for (let i = 0; i < chunkCount; i++) {
    const chunk = duckdb.result_get_chunk(result, i);
    const rowCount = duckdb.data_chunk_get_size(chunk);
    for (let column = 0; column < byteWidths.length; column++) {
      const vector = duckdb.data_chunk_get_vector(chunk, column);
      columns[column] = duckdb.vector_get_data(vector, rowCount * byteWidths[column]!);
    }
    receive(rowCount, columns);
    total += rowCount;
  }
  return total;
}
