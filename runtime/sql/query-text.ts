import { duckdb, type RawConnection, type RawResult } from "../engine/duckdb-bindings.ts";
import { readText } from "./vector-text.ts";

/** Reads the first column of a result, which must be text, without its nulls. For the engine's own small queries. */
export async function queryText(result: RawResult): Promise<string[]> {
  const values: string[] = [];
  for (;;) {
    const chunk = await duckdb.fetch_chunk(result);
    const rowCount = chunk === null ? 0 : duckdb.data_chunk_get_size(chunk);
    if (chunk === null || rowCount === 0) return values;
    for (const value of readText(duckdb.data_chunk_get_vector(chunk, 0), rowCount)) {
      if (value !== null) values.push(value);
    }
  }
}

/** Runs one of the engine's own queries and returns its first column, which must be text. */
export async function selectText(connection: RawConnection, sql: string): Promise<string[]> {
  return queryText(await duckdb.query(connection, sql));
}
