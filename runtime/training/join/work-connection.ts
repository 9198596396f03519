import { DuckDBConnection, type DuckDBValue } from "@duckdb/node-api";
import type { RawConnection } from "../../engine/duckdb-bindings.ts";
import type { QueryRun } from "../../sql/query-run.ts";

/** One connection on which a training set is put together: its temporary tables end with it. */
export interface WorkConnection {
  readonly raw: RawConnection;
  run(sql: string): Promise<void>;
  /** All rows of a small result. */
  rows(sql: string): Promise<DuckDBValue[][]>;
  /** One number of a result of one row. */
  count(sql: string): Promise<number>;
}

/** Every statement ends when the query's caller goes away or its time is up. */
export function openWorkConnection(run: QueryRun): WorkConnection {
  // It is the run's own connection: it is not this object's to disconnect.
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
