import { duckdb, type RawConnection, type RawResult } from "../../engine/duckdb-bindings.ts";

/** Values of one vector of rows, one array per selected column: views that are valid during the callback only. */
export type ReceiveRows = (rowCount: number, columns: readonly Uint8Array[]) => void;

/** Runs a query to its end; the rows wait in DuckDB's memory. */
export function runQuery(connection: RawConnection, sql: string): Promise<RawResult> {
  return duckdb.query(connection, sql);
}

/**
 * Hands over the rows of a finished query, in order, as raw values. Synchronous: fetching a vector costs 10 µs,
 * waiting for a promise for each would cost more than all the rest.
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
