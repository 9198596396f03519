import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { tableFromIPC } from "apache-arrow";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { DAILY_COLUMNS, dailyBarsSql, makeDataset } from "../../support/make-dataset.ts";
import { type RunningQuiver, startQuiver } from "../../support/run-quiver.ts";

/** A query that would take minutes. */
const ENDLESS = "select count(*) from range(1000000000) a(i) join range(100000) b(j) on a.i % 7 = b.j % 11";

let root = "";
let url = "";
let server: RunningQuiver;
beforeAll(async () => {
  root = mkdtempSync(join(tmpdir(), "quiver-sql-"));
  const data = join(root, "data");
  await makeDataset({
    dataDir: data,
    name: "demo",
    columns: DAILY_COLUMNS,
    files: [dailyBarsSql({ symbolCount: 50, dayCount: 500 })],
  });
  server = startQuiver([
    "start",
    "--port",
    "0",
    "--data",
    data,
    "--sql-concurrency",
    "1",
    "--sql-timeout-ms",
    "3s",
  ]);
  [, url = ""] = await server.outputs(/on (http:\/\/127\.0\.0\.1:\d+)/);
});
afterAll(async () => {
  server.kill("SIGTERM");
  await server.ended;
  rmSync(root, { recursive: true, force: true });
});

const sql = (query: string, signal?: AbortSignal) =>
  fetch(`${url}/sql`, {
    method: "POST",
    headers: { "Content-Type": "text/plain" },
    body: query,
    ...(signal === undefined ? {} : { signal }),
  });

const answersAgain = async () => {
  const deadline = Date.now() + 10_000;
  for (;;) {
    const response = await sql("select 1 as x");
    await response.arrayBuffer();
    if (response.status === 200 || Date.now() > deadline) return response.status;
  }
};

describe("POST /sql on a server that runs one query at a time", () => {
  test("refuses a second one with 429, and takes it when the first caller has gone away", async () => {
    const caller = new AbortController();
    const first = sql(ENDLESS, caller.signal).catch((error: unknown) => error);
    let second = await sql("select 1");
    while (second.status === 200) {
      await second.arrayBuffer();
      second = await sql("select 1");
    }
    expect(second.status).toBe(429);
    expect(second.headers.get("Retry-After")).toBe("1");
    expect(await second.json()).toMatchObject({
      code: "sql-busy",
      detail:
        "Cannot run the query: one query is running, which is the limit. Try again shortly, or raise --sql-concurrency.",
    });
    caller.abort();
    expect(await first).toBeInstanceOf(Error);
    expect(await answersAgain()).toBe(200);
  });

  test("stops a query that takes longer than it may", async () => {
    const response = await sql(ENDLESS);
    expect(response.status).toBe(504);
    expect(await response.json()).toMatchObject({ code: "sql-timed-out" });
    expect(await answersAgain()).toBe(200);
  });

  test("stops sending to a reader that leaves half-way", async () => {
    const response = await sql("select a.* from demo.bars a, range(1000)");
    const reader = response.body!.getReader();
    await reader.read();
    await reader.cancel();
    expect(await answersAgain()).toBe(200);
  });

  test("streams rows", async () => {
    const response = await sql("select symbol, ts, close from demo.bars order by symbol, ts");
    const table = tableFromIPC(new Uint8Array(await response.arrayBuffer()));
    expect(table.schema.fields.map((field) => field.name)).toEqual(["symbol", "ts", "close"]);
    const count = await (
      await fetch(`${url}/sql?q=select+count(*)::int+n+from+demo.bars&format=json`)
    ).json();
    expect(count).toEqual([{ n: table.numRows }]);
  });
});
