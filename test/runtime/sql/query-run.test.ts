import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { openDatabase, type Database } from "../../../runtime/engine/database.ts";
import { duckdb } from "../../../runtime/engine/duckdb-bindings.ts";
import { QueryRun } from "../../../runtime/sql/query-run.ts";

describe("QueryRun", () => {
  const dir = mkdtempSync(join(tmpdir(), "quiver-run-"));
  let database: Database;
  beforeAll(async () => {
    database = await openDatabase({ spoolDir: dir, threads: 1, memoryLimitBytes: 1 << 28 });
  });
  afterAll(() => {
    database.close();
    rmSync(dir, { recursive: true });
  });

  // One list_resize('…', 10 billion) kept DuckDB from looking up for a minute, and its caller waiting.
  test("tells its caller when DuckDB does not heed an interrupt, and closes for him", async () => {
    let isReleased = false;
    const watched: Database = {
      ...database,
      withConnection: (signal, work) =>
        database.withConnection(signal, work).finally(() => {
          isReleased = true;
        }),
    };
    const run = await QueryRun.open(watched, { timeoutMs: 20 });
    const deaf = Promise.withResolvers<string>();
    await expect(run.step(() => deaf.promise)).rejects.toMatchObject({
      code: "sql-timed-out",
      message:
        "The query was stopped: it took longer than its limit of 20 ms. Ask for less, or raise --sql-timeout-ms.",
    });
    await run.close();
    // The connection is kept until DuckDB is done with it.
    expect(isReleased).toBe(false);
    deaf.resolve("done at last");
    await expect.poll(() => isReleased).toBe(true);
  });

  test("repeats an interrupt that came before the query began", async () => {
    const caller = new AbortController();
    const run = await QueryRun.open(database, { timeoutMs: 60_000, signal: caller.signal });
    const late = run.step(async () => {
      caller.abort();
      await new Promise((resolve) => setTimeout(resolve, 50));
      return duckdb.query(run.connection, "SELECT count(*) FROM range(10000000) a, range(10000000) b");
    });
    await expect(late).rejects.toMatchObject({ code: "sql-cancelled" });
    await run.close();
  });

  test("does nothing more once it is stopped", async () => {
    const run = await QueryRun.open(database, { timeoutMs: 60_000 });
    await run.close();
    await expect(run.step(async () => "done")).rejects.toMatchObject({ code: "sql-cancelled" });
    await run.close();
  });
});
