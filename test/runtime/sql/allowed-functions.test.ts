import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { openDatabase, type Database } from "../../../runtime/engine/database.ts";
import { readAllowedFunctions, type AllowedFunctions } from "../../../runtime/sql/allowed-functions.ts";
import { selectText } from "../../../runtime/sql/query-text.ts";

/** An upgrade of DuckDB may bring functions that are declared pure and are not: then this test asks for a look. */
describe("readAllowedFunctions()", () => {
  const dir = mkdtempSync(join(tmpdir(), "quiver-functions-"));
  let database: Database;
  let allowed: AllowedFunctions;
  let all: string[];
  beforeAll(async () => {
    database = await openDatabase({ spoolDir: dir, threads: 1, memoryLimitBytes: 1 << 28 });
    await database.withConnection(new AbortController().signal, async (connection) => {
      allowed = await readAllowedFunctions(connection);
      all = await selectText(
        connection,
        `SELECT DISTINCT lower(function_name) FROM duckdb_functions()
         WHERE function_type IN ('scalar', 'aggregate', 'macro') ORDER BY 1`,
      );
    });
  });
  afterAll(() => {
    database.close();
    rmSync(dir, { recursive: true });
  });

  test("leaves out exactly these of DuckDB's functions", () => {
    const isInternal = (name: string) => name.startsWith("__internal_");
    const isPostgres = (name: string) => /^(has_.*_privilege|pg_|inet_)/.test(name);
    const left = all.filter((name) => !allowed.values.has(name) && !isInternal(name) && !isPostgres(name));
    expect(left).toEqual([
      "col_description",
      "combine",
      "create_sort_key",
      "current_catalog",
      "current_connection_id",
      "current_database",
      "current_query",
      "current_query_id",
      "current_role",
      "current_schema",
      "current_schemas",
      "current_setting",
      "current_transaction_id",
      "current_user",
      "currval",
      "finalize",
      "format_pg_type",
      "format_type",
      "get_block_size",
      "getvariable",
      "in_search_path",
      "json_deserialize_sql",
      "json_serialize_plan",
      "json_serialize_sql",
      "map_to_pg_oid",
      "nextval",
      "obj_description",
      "parse_duckdb_log_message",
      "remap_struct",
      "session_user",
      "setseed",
      "shobj_description",
      "sleep_ms",
      "stats",
      "txid_current",
      "user",
      "variant_bytes_to_variant",
      "vector_type",
      "write_log",
    ]);
    for (const name of all.filter((each) => isInternal(each) || isPostgres(each))) {
      expect(allowed.values.has(name)).toBe(false);
    }
  });

  test("has as many as were looked at", () => {
    expect(allowed.values.size).toBe(LOOKED_AT);
    expect([...allowed.tables]).toEqual(["generate_series", "range", "unnest"]);
  });
});

/** With DuckDB 1.5.6. Read the new names for what they can reach before changing this. */
const LOOKED_AT = 718;
