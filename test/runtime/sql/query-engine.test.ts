import { tableFromIPC } from "apache-arrow";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { QueryEngine } from "../../../runtime/sql/query-engine.ts";
import { makeSampleStore, openTestService, queryRows, queryText, type TestStore } from "./sql-store.ts";

let store: TestStore;
let service: QueryEngine & { close(): void };

beforeAll(async () => {
  store = await makeSampleStore();
  service = await openTestService(store);
});
afterAll(() => {
  service.close();
  store.remove();
});

async function arrowOf(sql: string) {
  const { body } = await service.runFormatted({ sql, timeoutMs: 30_000 }, "arrow.stream");
  const chunks: Uint8Array[] = [];
  for await (const chunk of body) chunks.push(chunk);
  return tableFromIPC(new Uint8Array(Buffer.concat(chunks)));
}

describe("run() sends every type that results can have", () => {
  /** One row of values, one of others, one of nulls; text as CSV has it. */
  test.each([
    ["BOOLEAN", ["true", "false"], "Bool", ["true", "false"]],
    ["TINYINT", ["-128", "127"], "Int32", ["-128", "127"]],
    ["UTINYINT", ["0", "255"], "Int32", ["0", "255"]],
    ["SMALLINT", ["-32768", "32767"], "Int32", ["-32768", "32767"]],
    ["USMALLINT", ["0", "65535"], "Int32", ["0", "65535"]],
    ["INTEGER", ["-2147483648", "2147483647"], "Int32", ["-2147483648", "2147483647"]],
    ["UINTEGER", ["0", "4294967295"], "Int64", ["0", "4294967295"]],
    [
      "BIGINT",
      ["-9223372036854775808", "9223372036854775807"],
      "Int64",
      ["-9223372036854775808", "9223372036854775807"],
    ],
    ["UBIGINT", ["0", "9223372036854775807"], "Int64", ["0", "9223372036854775807"]],
    ["HUGEINT", ["-9223372036854775808", "-1"], "Int64", ["-9223372036854775808", "-1"]],
    ["UHUGEINT", ["0", "17"], "Int64", ["0", "17"]],
    ["FLOAT", ["95.23", "-0.5"], "Float32", ["95.23", "-0.5"]],
    ["DOUBLE", ["0.1", "'nan'"], "Float64", ["0.1", "NaN"]],
    ["DOUBLE", ["'inf'", "'-inf'"], "Float64", ["Infinity", "-Infinity"]],
    ["DECIMAL(4,1)", ["-1.5", "100"], "Float64", ["-1.5", "100"]],
    ["DECIMAL(9,2)", ["-1.25", "100"], "Float64", ["-1.25", "100"]],
    ["DECIMAL(18,3)", ["-1.125", "100"], "Float64", ["-1.125", "100"]],
    ["DECIMAL(38,4)", ["-1.0625", "100"], "Float64", ["-1.0625", "100"]],
    ["DATE", ["'1969-12-31'", "'2024-02-29'"], "Date32<DAY>", ["1969-12-31", "2024-02-29"]],
    ["DATE", ["'infinity'", "'-infinity'"], "Date32<DAY>", ["infinity", "-infinity"]],
    [
      "TIMESTAMP",
      ["'2024-02-29 12:00:00.000001'", "'1969-12-31 23:59:59'"],
      "Timestamp<MICROSECOND, UTC>",
      ["2024-02-29T12:00:00.000001Z", "1969-12-31T23:59:59Z"],
    ],
    [
      "TIMESTAMPTZ",
      ["'2024-02-29 12:00:00+02'", "'infinity'"],
      "Timestamp<MICROSECOND, UTC>",
      ["2024-02-29T10:00:00Z", "infinity"],
    ],
    [
      "TIMESTAMP_S",
      ["'2024-02-29 12:00:00'", "'1969-12-31 23:59:59'"],
      "Timestamp<MICROSECOND, UTC>",
      ["2024-02-29T12:00:00Z", "1969-12-31T23:59:59Z"],
    ],
    [
      "TIMESTAMP_MS",
      ["'2024-02-29 12:00:00.5'", "'1969-12-31 23:59:59.999'"],
      "Timestamp<MICROSECOND, UTC>",
      ["2024-02-29T12:00:00.500Z", "1969-12-31T23:59:59.999Z"],
    ],
    [
      "TIMESTAMP_NS",
      ["'2024-02-29 12:00:00.000001999'", "'1969-12-31 23:59:59.999999999'"],
      "Timestamp<MICROSECOND, UTC>",
      ["2024-02-29T12:00:00.000001Z", "1969-12-31T23:59:59.999999Z"],
    ],
    ["TIME", ["'23:59:59'", "'01:02:03.000004'"], "Utf8", ["23:59:59", "01:02:03.000004"]],
    [
      "UUID",
      ["'00000000-0000-0000-0000-000000000001'", "'ffffffff-1234-5678-9abc-def012345678'"],
      "Utf8",
      ["00000000-0000-0000-0000-000000000001", "ffffffff-1234-5678-9abc-def012345678"],
    ],
    ["VARCHAR", ["'twelve bytes'", "'thirteen bytes'"], "Utf8", ["twelve bytes", "thirteen bytes"]],
    ["VARCHAR", ["'茅台股份有限公司'", "''"], "Utf8", ["茅台股份有限公司", '""']],
    ["JSON", ["'{\"a\": 1}'", "'[]'"], "Utf8", ['"{""a"": 1}"', "[]"]],
    ["ENUM('up', 'down')", ["'up'", "'down'"], "Dictionary<Int32, Utf8>", ["up", "down"]],
  ])("%s %j as %s", async (type, [first, second], arrowType, [firstText, secondText]) => {
    const sql = `SELECT v FROM (VALUES (0, (${first})::${type}), (1, (${second})::${type}), (2, NULL)) t(i, v) ORDER BY i`;
    const table = await arrowOf(sql);
    expect(String(table.schema.fields[0]!.type)).toBe(arrowType);
    expect(table.getChildAt(0)!.nullCount).toBe(1);
    // A line with one empty field is empty.
    expect(await queryText(service, sql)).toBe(`v\r\n${firstText}\r\n${secondText}\r\n\r\n`);
  });

  test.each([
    ["[1, 2]", "LIST", 'CAST(to_json("v") AS VARCHAR), or unnest("v") for a row per element'],
    ["{'a': 1}", "STRUCT", 'CAST(to_json("v") AS VARCHAR), or unnest("v") for a row per element'],
    ["MAP {'a': 1}", "MAP", 'CAST(to_json("v") AS VARCHAR), or unnest("v") for a row per element'],
    ["[1, 2]::INT[2]", "ARRAY", 'CAST(to_json("v") AS VARCHAR), or unnest("v") for a row per element'],
    ["INTERVAL 1 DAY", "INTERVAL", 'epoch("v") for seconds'],
    ["'a'::BLOB", "BLOB", 'hex("v")'],
    ["'101'::BIT", "BIT", 'CAST("v" AS VARCHAR)'],
    ["TIMETZ '01:00:00+01'", "TIME_TZ", 'CAST("v" AS VARCHAR)'],
  ])("%s is refused as %s, with the cast to write, and that cast works", async (value, type, cast) => {
    await expect(queryText(service, `SELECT ${value} AS v`)).rejects.toMatchObject({
      code: "sql-type-unsupported",
      message: `Cannot send the column "v": results do not support its type ${type}. Write ${cast}.`,
      facts: { column: "v", type },
    });
    const [written] = cast.split(", or ");
    await queryText(
      service,
      `SELECT ${written!.replace(" for seconds", "")} AS w FROM (SELECT ${value} AS v)`,
    );
  });

  test.each([
    "9223372036854775808::UBIGINT",
    "(-9223372036854775809)::HUGEINT",
    "340282366920938463463374607431768211455::UHUGEINT",
  ])("%s does not fit into int64 and refused, never wrapped around", async (value) => {
    await expect(queryText(service, `SELECT ${value} AS v`)).rejects.toMatchObject({
      code: "sql-failed",
      message:
        `Cannot send the column "v": its value ${value.split("::")[0]!.replace(/[()]/g, "")} does not fit into int64. ` +
        "Cast it, for example CAST(v AS DOUBLE) or CAST(v AS VARCHAR).",
    });
  });
});

describe("run() over many batches", () => {
  // Nulls, long and short strings at places that fall on no byte, chunk or batch boundary.
  const sql = `
    SELECT i, CASE WHEN i % 7 <> 3 THEN i * 0.5 END AS x,
      CASE WHEN i % 11 <> 5 THEN repeat(chr(97 + (i % 26)::INT), (i % 30)::INT) END AS s,
      CASE WHEN i > 150000 AND i % 13 = 0 THEN NULL ELSE i % 2 = 0 END AS b
    FROM range(300001) t(i) WHERE i % 5 <> 1 ORDER BY i`;

  test("gives every row once, in order, with its nulls", async () => {
    const table = await arrowOf(sql);
    expect(table.batches.map((batch) => batch.numRows).length).toBeGreaterThan(3);
    expect(table.batches[0]!.numRows).toBeLessThanOrEqual(2048);
    const [ids, x, s, b] = ["i", "x", "s", "b"].map((name) => table.getChild(name)!);
    let row = 0;
    for (let i = 0; i < 300_001; i++) {
      if (i % 5 === 1) continue;
      const letter = String.fromCodePoint(97 + (i % 26));
      const wanted = [
        BigInt(i),
        i % 7 === 3 ? null : i * 0.5,
        i % 11 === 5 ? null : letter.repeat(i % 30),
        i > 150_000 && i % 13 === 0 ? null : i % 2 === 0,
      ];
      const found = [ids!.get(row), x!.get(row), s!.get(row), b!.get(row)];
      // One comparison per row: 240,000 calls of expect() would take a minute.
      if (found.some((value, index) => value !== wanted[index]))
        expect([row, ...found]).toEqual([row, ...wanted]);
      row++;
    }
    expect(table.numRows).toBe(row);
  });

  test("zeroes what lies under a null", async () => {
    const running = await service.run({
      sql: "SELECT CASE WHEN i % 2 = 0 THEN i::DOUBLE END AS x, CASE WHEN i % 2 = 0 THEN i::HUGEINT END AS h FROM range(1, 100) t(i)",
      timeoutMs: 10_000,
    });
    for await (const { rowCount, columns } of running.batches) {
      const x = new Float64Array(columns[0]!.values.buffer, columns[0]!.values.byteOffset, rowCount);
      const h = new BigInt64Array(columns[1]!.values.buffer, columns[1]!.values.byteOffset, rowCount);
      expect([...x]).toEqual(Array.from({ length: 99 }, (_, row) => (row % 2 === 1 ? row + 1 : 0)));
      expect([...h]).toEqual(Array.from({ length: 99 }, (_, row) => (row % 2 === 1 ? BigInt(row + 1) : 0n)));
    }
  });

  test("sends text of more than a batch may hold in several", async () => {
    const table = await arrowOf("SELECT repeat('x', 20000) AS s FROM range(5000)");
    expect(table.numRows).toBe(5000);
    expect(table.batches.length).toBeGreaterThan(1);
    expect(table.getChild("s")!.get(4999)).toHaveLength(20_000);
  });
});

describe("run() with parameters", () => {
  test("binds by position and by name", async () => {
    const sql = "SELECT close FROM us_daily.bars WHERE symbol = ? AND close > ? ORDER BY 1";
    expect(await queryRows(service, { sql, parameters: ["AAPL", 1.5] })).toEqual(["2", "3"]);
    const named = "SELECT $Text AS a, $n + 1 AS b, $flag AS c, $nothing AS d";
    expect(
      await queryRows(service, {
        sql: named,
        parameters: { text: "it's; DROP", n: 41, flag: true, nothing: null },
      }),
    ).toEqual(["it's; DROP,42,true,"]);
  });

  test.each([
    ["SELECT ?, ?", ["a"], "expected the parameters $1, $2, got $1"],
    ["SELECT 1", ["a"], "expected no parameters, got $1"],
    ["SELECT $a", { b: 1 }, "expected the parameters $a, got $b"],
    ["SELECT $a", [], "expected the parameters $a, got none"],
  ])("%s with %j is refused", async (sql, parameters, problem) => {
    await expect(queryText(service, { sql, parameters })).rejects.toMatchObject({
      code: "sql-invalid",
      message: `Cannot run the query: ${problem}.`,
    });
  });
});

describe("a query that fails", () => {
  test.each([
    [
      "SELECT\n 'x'::INT",
      "sql-failed",
      "The query failed while it ran at line 2: Could not convert string 'x' to INT32.",
    ],
    [
      "SELECT 200::UTINYINT + 100::UTINYINT",
      "sql-failed",
      "The query failed while it ran: Overflow in addition of UINT8 (200 + 100).",
    ],
    [
      "SELECT error('stop: ' || symbol) FROM us_daily.rsi_macd",
      "sql-failed",
      "The query failed while it ran: stop: AAPL.",
    ],
  ])("%j", async (sql, code, message) => {
    await expect(queryText(service, sql)).rejects.toMatchObject({ code, message });
  });

  test("in the middle of its rows never ends well, and gives its connection back", async () => {
    const sql = "SELECT CASE WHEN i = 19000000 THEN error('late') ELSE i END AS i FROM range(20000000) t(i)";
    const { body } = await service.runFormatted({ sql, timeoutMs: 30_000 }, "arrow.stream");
    let bytes = 0;
    const read = async () => {
      for await (const chunk of body) bytes += chunk.length;
    };
    await expect(read()).rejects.toMatchObject({
      code: "sql-failed",
      message: "The query failed while it ran: late.",
    });
    expect(bytes).toBeGreaterThan(10_000);
    expect(await queryRows(service, "SELECT 1")).toEqual(["1"]);
  });

  test("for want of memory says so", async () => {
    const small = await openTestService(store, { memoryLimitBytes: 20 * 1024 * 1024 });
    const sql =
      "SELECT list(i::VARCHAR || 'some text to fill the memory with') AS l FROM range(3000000) t(i)";
    await expect(queryText(small, `SELECT len(l) FROM (${sql})`)).rejects.toMatchObject({
      code: "sql-out-of-memory",
      message: expect.stringMatching(/^The query needs more memory than it may use: [^*\n]*\.$/),
    });
    expect(await queryRows(small, "SELECT 1")).toEqual(["1"]);
    small.close();
  });
});

describe("a query that takes too long or is not wanted any more", () => {
  const ENDLESS = "SELECT count(*) FROM range(10000000) a, range(10000000) b";
  const RECURSIVE =
    "WITH RECURSIVE r AS (SELECT 1 AS n UNION ALL SELECT n + 1 FROM r) SELECT count(*) FROM r";

  test.each([ENDLESS, RECURSIVE])("is stopped at its limit: %s", async (sql) => {
    await expect(queryText(service, { sql, timeoutMs: 100 })).rejects.toMatchObject({
      code: "sql-timed-out",
      message:
        "The query was stopped: it took longer than its limit of 100 ms. Ask for less, or raise --sql-timeout-ms.",
      facts: { timeoutMs: 100 },
    });
    expect(await queryRows(service, "SELECT 1")).toEqual(["1"]);
  });

  test("is stopped when its caller aborts", async () => {
    const caller = new AbortController();
    const running = queryText(service, { sql: ENDLESS, signal: caller.signal });
    setTimeout(() => caller.abort(), 50);
    await expect(running).rejects.toMatchObject({
      code: "sql-cancelled",
      message: "The query was cancelled by its caller.",
    });
  });

  test("is not even begun when its caller has aborted before", async () => {
    await expect(queryText(service, { sql: "SELECT 1", signal: AbortSignal.abort() })).rejects.toMatchObject({
      code: "sql-cancelled",
    });
  });

  test("is stopped in the middle of its rows", async () => {
    const caller = new AbortController();
    const sql = "SELECT i FROM range(1000000000) t(i)";
    const { body } = await service.runFormatted(
      { sql, timeoutMs: 30_000, signal: caller.signal },
      "arrow.stream",
    );
    await body.next();
    await body.next();
    caller.abort();
    const rest = async () => {
      for await (const _ of body);
    };
    await expect(rest()).rejects.toMatchObject({ code: "sql-cancelled" });
  });

  test("may be left at any time: closing it gives its connection back", async () => {
    for (let attempt = 0; attempt < 20; attempt++) {
      const query = { sql: "SELECT i FROM range(1000000000) t(i)", timeoutMs: 30_000 };
      const running = await service.runFormatted(query, "csv");
      if (attempt % 2 === 0) await running.body.next();
      await running.close();
    }
    expect(await queryRows(service, "SELECT 1")).toEqual(["1"]);
  });

  test("is not stopped because its reader is slow", async () => {
    const query = { sql: "SELECT i FROM range(2000000) t(i)", timeoutMs: 1500 };
    const running = await service.run(query);
    await running.batches.next();
    await new Promise((resolve) => setTimeout(resolve, 2000));
    let rows = 0;
    for await (const batch of running.batches) rows += batch.rowCount;
    expect(rows).toBeGreaterThan(1_990_000);
  });
});

describe("runFormatted()", () => {
  test("tells columns, media type and what is read before the first byte", async () => {
    const { head, body } = await service.runFormatted(
      {
        sql: "SELECT symbol, close, close FROM us_daily.bars b JOIN us_daily.rsi_macd r USING (symbol)",
        timeoutMs: 10_000,
      },
      "json",
    );
    expect(head).toEqual({
      format: "json",
      mediaType: "application/json",
      columns: [
        { name: "symbol", type: "utf8" },
        { name: "close", type: "float64" },
        { name: "close_1", type: "float64" },
      ],
      reads: [
        { relation: "us_daily.bars", version: "v1" },
        { relation: "us_daily.rsi_macd", version: "20260101T000000Z-0a1b2c3d" },
      ],
    });
    await body.return(undefined);
  });

  test("refuses more rows than the limit, and gives those within it", async () => {
    const query = { sql: "SELECT i FROM range(100001) t(i)", timeoutMs: 10_000 };
    const refused = await service.runFormatted(query, "ndjson", 100_000);
    await expect(refused.body.next()).rejects.toMatchObject({ code: "row-limit-exceeded" });
    await refused.close();
    const { body } = await service.runFormatted(query, "ndjson", 100_001);
    let bytes = 0;
    for await (const chunk of body) bytes += chunk.length;
    expect(bytes).toBeGreaterThan(1_000_000);
  });
});
