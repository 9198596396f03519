import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { QueryEngine } from "../../../runtime/sql/query-engine.ts";
import { makeSampleStore, openTestService, queryText, type TestStore } from "./sql-store.ts";

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

// Through the service, so that a version of DuckDB with other words is noticed.
describe("a query with a wrong name says so in plain words:", () => {
  test.each([
    [
      "SELECT clos FROM us_daily.bars",
      'Cannot run the query at line 1: there is no column "clos". Did you mean "close"?',
    ],
    [
      "SELECT close FROM us_daily.bars WHERE symbol = AAPL",
      "Cannot run the query at line 1: there is no column \"AAPL\". Text is written in single quotes: 'AAPL'.",
    ],
    ["SELECT b.clos\nFROM us_daily.bars b", 'Cannot run the query at line 1: "b" has no column "clos".'],
    [
      "SELECT x.close FROM us_daily.bars b",
      'Cannot run the query at line 1: no table in FROM is called "x". Known: "b".',
    ],
    [
      "SELECT brs.close FROM us_daily.bars",
      'Cannot run the query at line 1: no table in FROM is called "brs". Did you mean "bars"?',
    ],
    [
      "SELECT 1 FROM us_daily.bars JOIN us_daily.rsi_macd USING (symbl)",
      'Cannot run the query: the left side of the join has no column "symbl".',
    ],
    [
      "SELECT * EXCLUDE (clos) FROM us_daily.bars",
      'Cannot run the query: there is no column "clos" for EXCLUDE.',
    ],
    [
      "SELECT close::doble FROM us_daily.bars",
      'Cannot run the query at line 1: there is no type "doble". Did you mean "double"?',
    ],
    [
      "SELECT sum('a')",
      "Cannot run the query at line 1: there is no sum(VARCHAR). It takes DECIMAL; BOOLEAN; SMALLINT; INTEGER; BIGINT; HUGEINT and others: convert the arguments with ::.",
    ],
    [
      "SELECT floo(close) FROM us_daily.bars",
      'Cannot run the query: it calls the function floo at line 1, column 8. Did you mean "floor"? Allowed are DuckDB\'s scalar, aggregate and window functions whose results depend only on their arguments.',
    ],
  ])("%j", async (sql, message) => {
    await expect(queryText(service, sql)).rejects.toMatchObject({ message });
  });

  test.each([
    ["SELECT * FROM us_daily.rsi-macd", 27, "us_daily.rsi_macd"],
    ["SELECT * FROM us-daily.bars", 17, "us_daily.bars"],
    ["SELECT 'é' FROM my-long-name.rsi-macd", 19, "my_long_name.rsi_macd"],
  ])("a hyphen: %j", async (sql, column, name) => {
    await expect(queryText(service, sql)).rejects.toMatchObject({
      code: "sql-invalid",
      message: `Cannot read the query at line 1, column ${column}: syntax error at or near "-". In SQL, a "-" in a name is written "_": ${name}.`,
    });
  });

  test("a minus that belongs to no name is told as it was", async () => {
    await expect(queryText(service, "SELECT 1 FROM - us_daily.bars")).rejects.toMatchObject({
      message: 'Cannot read the query at line 1, column 15: syntax error at or near "-".',
    });
  });
});
