import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { QueryEngine } from "../../../runtime/sql/query-engine.ts";
import { ATTEMPTS } from "./guard-attempts.ts";
import { makeSampleStore, openTestService, queryRows, queryText, type TestStore } from "./sql-store.ts";

let store: TestStore;
let service: QueryEngine & { close(): void };
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
      /^Cannot (run the query: (it (reads|calls|contains|is|has)|\w+ is not a read-only statement|a PIVOT)|read the query)/,
    );
    expect(snapshot()).toEqual(before);
  });
});

test("there are more than a hundred attempts", () => {
  expect(Object.values(ATTEMPTS).flat().length).toBeGreaterThan(250);
});

describe("a refusal names what, where, and what is allowed", () => {
  const TABLES =
    "Tables are named dataset.table. Known: us_daily.bars, us_daily.bars_observed, us_daily.rsi_macd, " +
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
        "Allowed are DuckDB's scalar, aggregate and window functions whose results depend only on their arguments.",
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
      "Cannot run the query: DROP is not a read-only statement. " +
        "Allowed are SELECT, WITH, VALUES, FROM, UNION, PIVOT … ON … IN, UNPIVOT, DESCRIBE, SUMMARIZE, " +
        "SHOW ALL TABLES and EXPLAIN of one of these.",
    ],
    [
      "SELECT 1; SELECT 2",
      "sql-refused",
      "Cannot run the query: it contains 2 statements, expected one. Send them one by one.",
    ],
    ["SELEC 1", "sql-invalid", 'Cannot read the query at line 1, column 1: syntax error at or near "SELEC".'],
    ["", "sql-invalid", "Cannot run the query: it is empty. Expected one SELECT."],
  ])("%j", async (sql, code, message) => {
    await expect(queryText(service, sql)).rejects.toMatchObject({ code, message });
  });

  test("of a text of more than a million characters", async () => {
    await expect(queryText(service, `SELECT 1 /* ${"x".repeat(1_000_000)} */`)).rejects.toMatchObject({
      code: "sql-refused",
      message: "Cannot run the query: it has 1000015 characters, expected up to 1000000.",
    });
  });
});

describe("read-only statements are allowed", () => {
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
