import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { openDatabase, type Database } from "../../../runtime/engine/database.ts";
import { duckdb } from "../../../runtime/engine/duckdb-bindings.ts";
import { lockDatabase } from "../../../runtime/sql/lock-database.ts";

/** What stands behind the guard, asked directly: the database alone must refuse these. */
describe("lockDatabase()", () => {
  const dir = mkdtempSync(join(tmpdir(), "quiver-lock-"));
  const outside = mkdtempSync(join(tmpdir(), "quiver-outside-"));
  let database: Database;
  const run = (sql: string) =>
    database.withConnection(new AbortController().signal, async (connection) => {
      await duckdb.query(connection, sql);
    });

  beforeAll(async () => {
    writeFileSync(join(outside, "x.csv"), "a\n1\n");
    writeFileSync(`${dir}-beside.csv`, "a\n1\n");
    writeFileSync(join(dir, "x.csv"), "a\n1\n");
    database = await openDatabase({ spoolDir: join(dir, "spool"), threads: 1, memoryLimitBytes: 1 << 28 });
    await lockDatabase(database, dir);
  });
  afterAll(() => {
    database.close();
    for (const path of [dir, outside, `${dir}-beside.csv`]) rmSync(path, { recursive: true });
  });

  test.each([
    `SELECT * FROM '${outside}/x.csv'`,
    `SELECT * FROM '${dir}-beside.csv'`,
    `SELECT * FROM '${dir}/../${outside.split("/").at(-1)}/x.csv'`,
    "SELECT * FROM read_text('/etc/passwd')",
    `COPY (SELECT 1) TO '${outside}/y.csv'`,
    `ATTACH '${outside}/y.db'`,
    "SELECT * FROM 'https://example.com/x.csv'",
    "INSTALL httpfs",
    "LOAD httpfs",
  ])("refuses %s", async (sql) => {
    await expect(run(sql)).rejects.toThrow(
      /disabled (by|through) configuration|not allowed|external access|requires the extension/i,
    );
  });

  test.each([
    "SET GLOBAL enable_external_access = true",
    "SET GLOBAL lock_configuration = false",
    "SET GLOBAL allowed_configs = ['enable_external_access']",
    "SET GLOBAL allowed_directories = ['/']",
    "SET GLOBAL autoinstall_known_extensions = true",
    "SET GLOBAL memory_limit = '1TB'",
    "SET threads = 64",
    "SET temp_directory = '/tmp'",
    "SET TimeZone = 'Asia/Tokyo'",
    "RESET memory_limit",
  ])("refuses %s", async (sql) => {
    await expect(run(sql)).rejects.toThrow("the configuration has been locked");
  });

  test("still reads the data directory and makes views of it", async () => {
    await run("CREATE SCHEMA s");
    await run(`CREATE VIEW s.x AS FROM read_csv('${join(dir, "x.csv")}')`);
    await run("FROM s.x");
    await expect(run("SET TimeZone = 'UTC'")).rejects.toThrow("locked");
  });
});
