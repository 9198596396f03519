import { DuckDBConnection, type DuckDBValue } from "@duckdb/node-api";
import type { RawConnection } from "../../engine/duckdb-bindings.ts";
import type { QueryRun } from "../../sql/query-run.ts";

/** The connection on which a training set is built. Its temporary tables end with it. */
export interface WorkConnection {
  readonly raw: RawConnection;
  run(sql: string): Promise<void>;
  /** All rows of a small result. */
  rows(sql: string): Promise<DuckDBValue[][]>;
  /** The number in a result of one row and one column. */
  count(sql: string): Promise<number>;
}

/** Each statement ends when the query's caller disconnects or its time is up. */
export function openWorkConnection(run: QueryRun): WorkConnection {
  // The connection belongs to the run, which disconnects it.
  const connection = new DuckDBConnection(run.connection);
  const rows = (sql: string) => run.step(async () => (await connection.runAndReadAll(sql)).getRows());
  return {
    raw: run.connection,
    run: async (sql) => {
      await run.step(() => connection.run(sql));
    },
    rows,
    count: async (sql) => Number((await rows(sql))[0]?.[0] ?? 0),
  };
}
