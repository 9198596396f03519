import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { SqlService } from "../../../runtime/sql/sql-service.ts";
import { makeSampleStore, openTestService, queryRows, queryText, type TestStore } from "./sql-store.ts";

let store: TestStore;
let service: SqlService & { close(): void };
let file: string;

beforeAll(async () => {
  store = await makeSampleStore();
  file = join(store.dataDir, "us-daily/bars/v1.parquet");
  service = await openTestService(store);
});
afterAll(() => {
  service.close();
  store.remove();
});

/** Every file of the data directory, with its bytes: what an attempt that wrote something would change. */
function snapshot(): string[] {
  return readdirSync(store.dataDir, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
    .map((path) => `${path} ${readFileSync(path).toString("base64")}`)
    .toSorted();
}

/** `$file` stands for a Parquet file that DuckDB itself would be allowed to read. */
const ATTEMPTS: Readonly<Record<string, readonly string[]>> = {
  "files in FROM": [
    "SELECT * FROM '$file'",
    'SELECT * FROM "$file"',
    "FROM '$file'",
    'TABLE "$file"',
    "SELECT * FROM '/etc/passwd'",
    "SELECT * FROM 'file:///etc/passwd'",
    "SELECT * FROM 'https://example.com/x.parquet'",
    "SELECT * FROM 's3://bucket/x.parquet'",
    "SELECT * FROM 'us-daily/bars/*.parquet'",
    "SELECT * FROM '../spool/x.csv'",
    "SELECT 1 FROM us_daily.bars, '$file'",
    "SELECT 1 FROM us_daily.bars JOIN '$file' f USING (symbol)",
    "SELECT 1 FROM us_daily.bars ASOF JOIN '$file' f USING (symbol, ts)",
    "SELECT 1 FROM us_daily.bars SEMI JOIN '$file' f USING (symbol)",
    "SELECT 1 FROM us_daily.bars POSITIONAL JOIN '$file'",
    "SELECT (SELECT close FROM '$file' LIMIT 1)",
    "SELECT 1 WHERE EXISTS (FROM '$file')",
    "SELECT 1 WHERE 1 IN (SELECT close FROM '$file')",
    "SELECT 1 WHERE 1 = ANY (SELECT close FROM '$file')",
    "SELECT ARRAY(SELECT close FROM '$file')",
    "SELECT 1 ORDER BY (SELECT close FROM '$file' LIMIT 1)",
    "SELECT 1 LIMIT (SELECT count(*) FROM '$file')",
    "SELECT 1 OFFSET (SELECT count(*) FROM '$file')",
    "SELECT 1 LIMIT (SELECT 50 FROM '$file')%",
    "SELECT DISTINCT ON ((SELECT close FROM '$file' LIMIT 1)) 1",
    "SELECT 1 GROUP BY (SELECT close FROM '$file' LIMIT 1)",
    "SELECT 1 HAVING (SELECT true FROM '$file' LIMIT 1)",
    "SELECT 1 QUALIFY row_number() OVER (ORDER BY (SELECT close FROM '$file' LIMIT 1)) = 1",
    "SELECT sum(1) OVER (PARTITION BY (SELECT close FROM '$file' LIMIT 1))",
    "SELECT sum(1) FILTER (WHERE EXISTS (FROM '$file'))",
    "SELECT list(1 ORDER BY (SELECT close FROM '$file' LIMIT 1))",
    "SELECT CASE WHEN true THEN (SELECT close FROM '$file' LIMIT 1) END",
    "SELECT CAST((SELECT close FROM '$file' LIMIT 1) AS INT)",
    "SELECT [(SELECT close FROM '$file' LIMIT 1)]",
    "SELECT {'a': (SELECT close FROM '$file' LIMIT 1)}",
    "SELECT list_transform([1], lambda x: (SELECT close FROM '$file' LIMIT 1))",
    "SELECT [(SELECT close FROM '$file' LIMIT 1) FOR x IN [1]]",
    "SELECT 1 BETWEEN 0 AND (SELECT close FROM '$file' LIMIT 1)",
    "SELECT * REPLACE ((SELECT close FROM '$file' LIMIT 1) AS close) FROM us_daily.bars",
    "SELECT COLUMNS(c -> c IN (SELECT symbol FROM '$file')) FROM us_daily.bars",
    "SELECT TRY((SELECT close FROM '$file' LIMIT 1))",
    "VALUES ((SELECT close FROM '$file' LIMIT 1))",
    "SELECT 1 UNION ALL SELECT close FROM '$file'",
    "SELECT 1 EXCEPT (SELECT 2 INTERSECT SELECT close FROM '$file')",
    "SELECT * FROM range((SELECT count(*) FROM '$file'))",
    "SELECT * FROM us_daily.bars_asof((SELECT max(ts) FROM '$file'))",
    "SELECT * FROM unnest((SELECT list(close) FROM '$file'))",
    "SELECT * FROM (SELECT 1), LATERAL (SELECT * FROM '$file')",
    "SELECT * FROM (PIVOT '$file' ON symbol IN ('A') USING sum(close))",
    "PIVOT us_daily.bars ON symbol IN ('A') USING max((SELECT close FROM '$file' LIMIT 1))",
    "UNPIVOT '$file' ON close INTO NAME n VALUE v",
    "DESCRIBE '$file'",
    "DESCRIBE SELECT * FROM '$file'",
    "SUMMARIZE '$file'",
    "SHOW '$file'",
    "SELECT * FROM (DESCRIBE '$file')",
    "SELECT * FROM (SUMMARIZE SELECT * FROM '$file')",
    "EXPLAIN SELECT * FROM '$file'",
    "FROM us_daily.bars AT (TIMESTAMP => (SELECT max(ts) FROM '$file'))",
  ],
  "common table expressions": [
    "WITH f AS (FROM '$file') SELECT 1",
    "WITH f AS MATERIALIZED (FROM '$file') SELECT * FROM f",
    'WITH "$file" AS (SELECT * FROM "$file") SELECT * FROM "$file"',
    'WITH a AS (SELECT * FROM "$file"), "$file" AS (SELECT 1) SELECT * FROM a',
    'SELECT * FROM (WITH "$file" AS (SELECT 1 AS x) SELECT * FROM "$file") a, "$file" b',
    "SELECT (WITH sqlite_master AS (SELECT 1) SELECT count(*) FROM sqlite_master), * FROM sqlite_master",
    'WITH RECURSIVE "$file" AS (SELECT close FROM "$file" UNION ALL SELECT 1.0) SELECT * FROM "$file"',
    'WITH RECURSIVE r AS (SELECT 1 AS n UNION ALL SELECT n + 1 FROM r, "$file" WHERE n < 2) SELECT * FROM r',
    "WITH a AS (WITH b AS (FROM '$file') SELECT * FROM b) SELECT * FROM a",
    "WITH a AS (SELECT 1) SELECT * FROM main.a",
    "WITH bars AS (SELECT 1) SELECT * FROM memory.main.bars",
  ],
  "functions that read or write files": [
    "SELECT * FROM read_parquet('$file')",
    "SELECT * FROM READ_PARQUET('$file')",
    "SELECT * FROM \"read_parquet\"('$file')",
    "SELECT * FROM main.read_parquet('$file')",
    "SELECT * FROM system.main.read_parquet('$file')",
    "SELECT * FROM parquet_scan('$file')",
    "SELECT * FROM parquet_metadata('$file')",
    "SELECT * FROM parquet_schema('$file')",
    "SELECT * FROM parquet_kv_metadata('$file')",
    "SELECT * FROM read_blob('$file')",
    "SELECT content FROM read_text('/etc/passwd')",
    "SELECT * FROM read_csv('/etc/passwd')",
    "SELECT * FROM read_csv_auto('/etc/passwd')",
    "SELECT * FROM sniff_csv('/etc/passwd')",
    "SELECT * FROM read_json('/etc/passwd')",
    "SELECT * FROM read_json_auto('/etc/passwd')",
    "SELECT * FROM read_ndjson_objects('/etc/passwd')",
    "SELECT * FROM read_duckdb('x.db')",
    "SELECT * FROM glob('/*')",
    "SELECT * FROM glob('$file')",
    "SELECT * FROM us_daily.read_parquet('$file')",
    "SELECT * FROM us_daily.bars, read_text('/etc/passwd')",
    "SELECT * FROM us_daily.bars b, LATERAL read_text(b.symbol)",
    "FROM read_blob('/etc/passwd') SELECT content",
    "SELECT * FROM range(1), LATERAL (FROM read_text('/etc/passwd'))",
    "SELECT read_text('/etc/passwd')",
    "SELECT '/etc/passwd'.read_text()",
    "SELECT getenv('HOME')",
    "SELECT main.getenv('HOME')",
    "SELECT write_log('x')",
  ],
  "functions that take SQL or names as text": [
    "SELECT * FROM query('SELECT * FROM ''/etc/passwd''')",
    "SELECT * FROM query_table('sqlite_master')",
    "SELECT * FROM query_table(['us_daily.bars'])",
    "SELECT * FROM histogram('$file', 'close')",
    "SELECT * FROM histogram_values('$file', 'close')",
    "SELECT * FROM json_execute_serialized_sql('{}')",
    "SELECT * FROM sql_auto_complete('SELECT')",
    "SELECT json_serialize_plan('SELECT 1')",
    "SELECT json_serialize_sql('SELECT 1')",
    "SELECT json_deserialize_sql('{}')",
    "SELECT * FROM summary('us_daily.bars')",
    "SELECT nextval('s')",
    "SELECT currval('s')",
  ],
  "the engine's state and settings": [
    "SELECT current_setting('threads')",
    "SELECT getvariable('x')",
    "SELECT setseed(0.5)",
    "SELECT sleep_ms(10)",
    "SELECT pg_sleep(1)",
    "SELECT pg_catalog.pg_sleep(1)",
    "SELECT current_query()",
    "SELECT current_database()",
    "SELECT current_schemas(true)",
    "SELECT txid_current()",
    "SELECT stats(1)",
    "SELECT get_block_size('memory')",
    "SELECT vector_type(1)",
    "SELECT pg_typeof(1)",
    "SELECT * FROM duckdb_settings()",
    "SELECT * FROM duckdb_secrets()",
    "SELECT * FROM duckdb_views()",
    "SELECT * FROM duckdb_views",
    "SELECT * FROM duckdb_functions()",
    "SELECT * FROM duckdb_extensions()",
    "SELECT * FROM duckdb_logs()",
    "SELECT * FROM duckdb_logs_parsed('x')",
    "SELECT * FROM duckdb_temporary_files()",
    "SELECT * FROM duckdb_databases",
    "SELECT * FROM pragma_database_list",
    "SELECT * FROM pragma_table_info('us_daily.bars')",
    "SELECT * FROM pragma_storage_info('us_daily.bars')",
    "SELECT * FROM sqlite_master",
    "SELECT * FROM main.sqlite_master",
    "SELECT * FROM system.main.sqlite_master",
    "SELECT sql FROM sqlite_schema",
    "SELECT * FROM pg_catalog.pg_views",
    "SELECT * FROM pg_views",
    "SELECT * FROM information_schema.views",
    "SELECT * FROM system.information_schema.views",
    "SELECT * FROM test_all_types()",
    "SELECT * FROM seq_scan('x')",
    "SELECT * FROM arrow_scan(1, 2, 3)",
    "SELECT * FROM enable_logging()",
    "SELECT * FROM enable_profiling()",
    "SELECT * FROM enable_peg_parser()",
    "SELECT * FROM checkpoint()",
    "SELECT * FROM force_checkpoint()",
    "SELECT * FROM truncate_duckdb_logs()",
    "SELECT * FROM which_secret('s3://x', 's3')",
    "SHOW DATABASES",
    "SHOW SCHEMAS",
    "SHOW TABLES FROM pg_catalog",
    "SELECT * FROM (SHOW DATABASES)",
  ],
  "statements that do more than read": [
    "CREATE TABLE t AS SELECT 1",
    "CREATE TEMP TABLE t (a INT)",
    "CREATE OR REPLACE VIEW us_daily.bars AS SELECT 1",
    "CREATE MACRO m(x) AS x",
    "CREATE MACRO us_daily.range(x) AS TABLE FROM read_text(x)",
    "CREATE SECRET s (TYPE s3)",
    "CREATE SCHEMA x",
    "CREATE TYPE mood AS ENUM ('a')",
    "CREATE SEQUENCE s",
    "DROP VIEW us_daily.bars",
    "DROP SCHEMA us_daily CASCADE",
    "ALTER VIEW us_daily.bars RENAME TO b",
    "COMMENT ON VIEW us_daily.bars IS 'x'",
    "INSERT INTO us_daily.bars VALUES (1)",
    "UPDATE us_daily.bars SET close = 0",
    "DELETE FROM us_daily.bars",
    "TRUNCATE us_daily.bars",
    "MERGE INTO us_daily.bars USING us_daily.bars b ON true WHEN MATCHED THEN DELETE",
    "WITH x AS (SELECT 1) INSERT INTO us_daily.bars SELECT * FROM x",
    "WITH x AS (DELETE FROM us_daily.bars RETURNING *) SELECT * FROM x",
    "COPY us_daily.bars TO 'x.csv'",
    "COPY (SELECT 1) TO '$file'",
    "COPY (SELECT 1) TO '/dev/stdout'",
    "COPY us_daily.bars FROM '/etc/passwd'",
    "COPY FROM DATABASE memory TO other",
    "EXPORT DATABASE '/tmp/x'",
    "IMPORT DATABASE '/tmp/x'",
    "ATTACH '/tmp/x.db'",
    "ATTACH ':memory:' AS other",
    "DETACH memory",
    "USE us_daily",
    "INSTALL httpfs",
    "LOAD httpfs",
    "LOAD '/tmp/x.duckdb_extension'",
    "FORCE INSTALL spatial FROM community",
    "UPDATE EXTENSIONS",
    "SET threads = 1",
    "SET lock_configuration = false",
    "SET GLOBAL enable_external_access = true",
    "SET VARIABLE x = 1",
    "SET allowed_configs = ['threads']",
    "SET streaming_buffer_size = '1TB'",
    "RESET threads",
    "PRAGMA database_list",
    "PRAGMA threads = 4",
    "PRAGMA enable_profiling",
    "PRAGMA json_execute_serialized_sql('{}')",
    "CALL pragma_version()",
    "CALL duckdb_settings()",
    "CHECKPOINT",
    "FORCE CHECKPOINT",
    "VACUUM",
    "ANALYZE",
    "BEGIN",
    "COMMIT",
    "ROLLBACK",
    "PREPARE p AS SELECT 1",
    "EXECUTE p",
    "DEALLOCATE p",
    "EXPLAIN ANALYZE SELECT 1",
    "EXPLAIN (FORMAT json) SELECT 1",
    "EXPLAIN EXPLAIN SELECT 1",
    "EXPLAIN CREATE TABLE t AS SELECT 1",
    "EXPLAIN COPY (SELECT 1) TO '$file'",
    "SELECT 1 INTO t",
    "SHOW VARIABLES",
    "PIVOT us_daily.bars ON symbol USING sum(close)",
  ],
  "several statements, comments and odd characters": [
    "SELECT 1; SELECT 2",
    "SELECT 1; COPY (SELECT 1) TO '$file'",
    "SELECT 1;;COPY (SELECT 1) TO '$file'",
    "SELECT 1 /* ; */; DROP SCHEMA us_daily CASCADE",
    "SELECT 1 -- \n; DROP SCHEMA us_daily CASCADE",
    "/* SELECT 1 */ DROP SCHEMA us_daily CASCADE",
    "SELECT 1\0; DROP SCHEMA us_daily CASCADE",
    "EXPLAIN SELECT 1; DROP SCHEMA us_daily CASCADE",
    "EXPLAIN\nSELECT 1; DROP SCHEMA us_daily CASCADE",
    "\u00a0COPY\u00a0(SELECT\u00a01)\u00a0TO\u00a0'$file'",
    "\u3000ATTACH\u3000':memory:'\u3000AS\u3000x",
    "SELECT\u2003*\u2003FROM\u2003'$file'",
    "SELECT * FROM\u00a0read_text('/etc/passwd')",
    "SELECT * FROM /**/ '$file'",
    "SELECT * FROM U&'$file'",
    "SELECT * FROM E'$file'",
    "SELECT * FROM $$" + "$file" + "$$",
    "SELECT * FROM read_text($$/etc/passwd$$)",
    "SELECT * FROM ＇/etc/passwd＇",
    "\ufeffDROP SCHEMA us_daily CASCADE",
    "SELECT 'é', (SELECT * FROM '$file')",
    "",
    "   ",
    ";",
    "-- nothing",
  ],
};

describe.each(Object.entries(ATTEMPTS))("%s", (_, attempts) => {
  test.each(attempts)("are refused: %j", async (attempt) => {
    const before = snapshot();
    const sql = attempt.replaceAll("$file", file);
    const error: unknown = await queryText(service, sql).then(
      (text) => new Error(`it was answered: ${text}`),
      (reason: unknown) => reason,
    );
    // Not just any failure: the guard or the parser said no, before DuckDB bound or ran anything.
    expect(error).toMatchObject({
      name: "QuiverError",
      code: expect.stringMatching(/^sql-(refused|invalid)$/),
    });
    expect((error as Error).message).toMatch(
      /^Cannot (run the query: (it (reads|calls|holds|is|has)|\w+ is not a statement|a PIVOT)|read the query)/,
    );
    expect(snapshot()).toEqual(before);
  });
});

test("there are more than a hundred attempts", () => {
  expect(Object.values(ATTEMPTS).flat().length).toBeGreaterThan(250);
});

describe("a refusal names what, where, and what is allowed", () => {
  const TABLES =
    "Tables are named dataset.table; there are us_daily.bars, us_daily.bars_observed, us_daily.rsi_macd, " +
    "us_daily.rsi_macd@20260101t000000z-0a1b2c3d. Files, URLs and DuckDB's own catalogue cannot be read.";
  test.each([
    [
      "SELECT *\nFROM '/etc/passwd'",
      "sql-refused",
      `Cannot run the query: it reads "/etc/passwd" at line 2, column 6. ${TABLES}`,
    ],
    [
      "SELECT * FROM bars",
      "sql-refused",
      `Cannot run the query: it reads bars at line 1, column 15. Did you mean "us_daily.bars" or "us_daily.bars_observed"? ${TABLES}`,
    ],
    [
      "SELECT * FROM us_dialy.bars",
      "sql-refused",
      `Cannot run the query: it reads us_dialy.bars at line 1, column 15. Did you mean "us_daily.bars"? ${TABLES}`,
    ],
    [
      "SELECT * FROM us_daily.rsi_mcad",
      "sql-invalid",
      "Cannot run the query: the table us_daily.rsi_mcad at line 1, column 15 does not exist. " +
        'Did you mean "rsi_macd"? ' +
        "The schema us_daily has bars, bars_observed, rsi_macd, rsi_macd@20260101t000000z-0a1b2c3d.",
    ],
    [
      "SELECT 'é', getenv('HOME')",
      "sql-refused",
      "Cannot run the query: it calls the function getenv at line 1, column 13. " +
        "Allowed are DuckDB's scalar, aggregate and window functions that depend on nothing but their arguments.",
    ],
    [
      "SELECT * FROM read_text('x')",
      "sql-refused",
      "Cannot run the query: it reads from the function read_text at line 1, column 15. " +
        "Allowed in FROM are the datasets' tables, their bars_asof(t), and generate_series, range, unnest.",
    ],
    [
      "DROP VIEW us_daily.bars",
      "sql-refused",
      "Cannot run the query: DROP is not a statement that only reads. " +
        "Allowed are SELECT, WITH, VALUES, FROM, UNION, PIVOT … ON … IN, UNPIVOT, DESCRIBE, SUMMARIZE, " +
        "SHOW ALL TABLES and EXPLAIN of one of these.",
    ],
    [
      "SELECT 1; SELECT 2",
      "sql-refused",
      "Cannot run the query: it holds 2 statements, expected one. Send them one by one.",
    ],
    ["SELEC 1", "sql-invalid", 'Cannot read the query at line 1, column 1: syntax error at or near "SELEC".'],
    ["", "sql-invalid", "Cannot run the query: it is empty. Expected one SELECT."],
  ])("%j", async (sql, code, message) => {
    await expect(queryText(service, sql)).rejects.toMatchObject({ code, message });
  });

  test("of a text of more than a million characters", async () => {
    await expect(queryText(service, `SELECT 1 /* ${"x".repeat(1_000_000)} */`)).rejects.toMatchObject({
      code: "sql-refused",
      message: "Cannot run the query: it has 1000015 characters, expected at most 1000000.",
    });
  });
});

describe("what only reads is let through", () => {
  test.each([
    ["SELECT count(*) FROM us_daily.bars", ["6"]],
    ['SELECT count(*) FROM "us_daily"."bars"', ["6"]],
    ["SELECT count(*) FROM US_DAILY.Bars", ["6"]],
    ["SELECT count(*) FROM memory.us_daily.bars", ["6"]],
    ["FROM us_daily.rsi_macd SELECT rsi", ["50"]],
    ['SELECT rsi FROM us_daily."rsi_macd@20260101T000000Z-0a1b2c3d"', ["50"]],
    ["TABLE us_daily.rsi_macd", ["AAPL,2024-01-01,50"]],
    ["VALUES (1), (2);", ["1", "2"]],
    ["(SELECT 1)", ["1"]],
    ["/* a comment */ SELECT 1 -- another", ["1"]],
    ["WITH a AS (SELECT 1 AS x), b AS (SELECT x + 1 AS x FROM a) SELECT x FROM b", ["2"]],
    [
      "WITH RECURSIVE r AS (SELECT 1 AS n UNION ALL SELECT n + 1 FROM r WHERE n < 3) SELECT max(n) FROM r",
      ["3"],
    ],
    ["WITH sqlite_master AS (SELECT 7 AS x) SELECT x FROM SQLITE_MASTER", ["7"]],
    ["WITH a AS (SELECT 1 AS x) SELECT (WITH b AS (SELECT x FROM a) SELECT x FROM b)", ["1"]],
    [
      "SELECT symbol, max(close) FILTER (WHERE ts > DATE '2024-01-01') FROM us_daily.bars GROUP BY ALL ORDER BY ALL",
      ["AAPL,3", "SBUX,3"],
    ],
    [
      "SELECT symbol FROM us_daily.bars QUALIFY row_number() OVER (PARTITION BY symbol ORDER BY ts DESC) = 1 ORDER BY 1",
      ["AAPL", "SBUX"],
    ],
    [
      "SELECT close - lag(close) OVER w AS d FROM us_daily.bars WINDOW w AS (PARTITION BY symbol ORDER BY ts) ORDER BY d LIMIT 1",
      ["1"],
    ],
    [
      "SELECT count(*) FROM us_daily.bars b ASOF JOIN us_daily.rsi_macd r ON b.symbol = r.symbol AND b.ts >= r.ts",
      ["3"],
    ],
    ["SELECT sum(COLUMNS('cl.*')) FROM us_daily.bars", ["12"]],
    [
      "SELECT * EXCLUDE (ts, symbol) REPLACE (close * 2 AS close) FROM us_daily.bars WHERE symbol = 'AAPL' ORDER BY 1 LIMIT 1",
      ["2"],
    ],
    ["SELECT list_sum(list_transform([1, 2], lambda x: x + 1))", ["5"]],
    ["SELECT list_sum([x * 2 FOR x IN [1, 2] IF x > 1])", ["4"]],
    ["SELECT sum(r) FROM range(4) t(r)", ["6"]],
    ["SELECT g FROM generate_series(1, 2) t(g)", ["1", "2"]],
    ["SELECT u FROM unnest([3, 4]) t(u)", ["3", "4"]],
    ["SELECT unnest([3, 4]) AS u", ["3", "4"]],
    [
      "SELECT * FROM (PIVOT us_daily.bars ON symbol IN ('AAPL') USING sum(close) GROUP BY ts) ORDER BY ts LIMIT 1",
      ["2024-01-01,1"],
    ],
    ["SELECT CASE WHEN 1 BETWEEN 0 AND 2 THEN coalesce(NULL, 'x') ELSE 'y' END || upper('z')", ["xZ"]],
    [
      "SELECT TRY('x'::INT) IS NULL, nullif(1, 1), ifnull(NULL, 2), 'a' SIMILAR TO 'a', 'abc' ILIKE 'A%'",
      ["true,,2,true,true"],
    ],
    ["SELECT (TIMESTAMPTZ '2024-01-01 00:00:00Z' AT TIME ZONE 'America/New_York')::DATE", ["2023-12-31"]],
    [
      "SELECT json_extract_string('{\"a\": 1}', '$.a'), date_trunc('month', DATE '2024-02-03'), strftime(DATE '2024-02-03', '%Y')",
      ["1,2024-02-01T00:00:00Z,2024"],
    ],
    [
      "SELECT corr(close, close), regr_slope(close, close), quantile_cont(close, 0.5), stddev(close) FROM us_daily.bars",
      ["1,1,2,0.8944271909999159"],
    ],
    [
      "SELECT random() < 2, length(uuid()::VARCHAR), now() > TIMESTAMPTZ '2020-01-01', current_date > DATE '2020-01-01'",
      ["true,36,true,true"],
    ],
    [
      "SELECT 'SELECT * FROM ''/etc/passwd''; DROP TABLE x' AS harmless",
      ["SELECT * FROM '/etc/passwd'; DROP TABLE x"],
    ],
    ["SELECT table_name FROM information_schema.tables ORDER BY 1 LIMIT 1", ["bars"]],
    ["SELECT count(*) FROM information_schema.columns WHERE table_name = 'bars'", ["3"]],
    ["SELECT name FROM (SHOW ALL TABLES) WHERE name = 'rsi_macd'", ["rsi_macd"]],
    ["SELECT column_name FROM (DESCRIBE us_daily.rsi_macd)", ["symbol", "ts", "rsi"]],
    ["SELECT count FROM (SUMMARIZE us_daily.bars) LIMIT 1", ["6"]],
    ["SELECT 1 UNION BY NAME SELECT 2 ORDER BY ALL", ["1,", ",2"]],
    ["SELECT count(*) FROM us_daily.bars USING SAMPLE 100%", ["6"]],
    ["SELECT x FROM (SELECT 1 AS x) UNION ALL (SELECT 2) ORDER BY x DESC", ["2", "1"]],
    ['SELECT 1 AS "\'; DROP SCHEMA us_daily"', ["1"]],
  ])("%s", async (sql, rows) => {
    expect(await queryRows(service, sql)).toEqual(rows);
  });

  test("DESCRIBE, SUMMARIZE, SHOW ALL TABLES and EXPLAIN", async () => {
    expect(await queryRows(service, "DESCRIBE us_daily.bars")).toEqual([
      "symbol,VARCHAR,YES,,,",
      "ts,DATE,YES,,,",
      "close,DOUBLE,YES,,,",
    ]);
    expect((await queryRows(service, "SUMMARIZE us_daily.bars"))[2]).toMatch(/^close,DOUBLE,1.0,3.0,/);
    expect(await queryRows(service, "SHOW ALL TABLES")).toContain(
      'us_daily,rsi_macd,"symbol, ts, rsi","VARCHAR, DATE, DOUBLE"',
    );
    expect(await queryText(service, "EXPLAIN SELECT sum(close) FROM us_daily.bars")).toContain(
      "READ_PARQUET",
    );
    expect(await queryText(service, "  explain  from us_daily.bars")).toContain("READ_PARQUET");
  });
});
