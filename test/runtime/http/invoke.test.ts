import { tableFromIPC } from "apache-arrow";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { openApp, type OpenedApp, problemOf } from "../../support/open-app.ts";

const THROWS = `
import { defineFeature, float64 } from "quiver";
export default defineFeature({
  description: "Throws on one symbol",
  inputs: { bars: { close: float64 } },
  outputs: { x: float64 },
  handler(_, out, { symbol }) {
    console.log("looking at", symbol);
    if (symbol === "S000003") throw new Error("no such thing as " + symbol);
    out.x.fill(1);
  },
});`;

const SPINS = `
import { defineFeature, float64 } from "quiver";
export default defineFeature({
  description: "Never ends",
  inputs: { bars: { close: float64 } },
  outputs: { x: float64 },
  limits: { wallTimeMs: 300 },
  handler() { for (;;); },
});`;

const SHORT = `
import { defineTable, float64 } from "quiver";
export default defineTable({
  description: "Columns of unequal length",
  inputs: { bars: { close: float64 } },
  outputs: { a: float64, b: float64 },
  handler() { return { a: new Float64Array(2), b: new Float64Array(3) }; },
});`;

let app: OpenedApp;
beforeAll(async () => {
  app = await openApp({
    bars: { symbolCount: 6, dayCount: 300 },
    functions: { throws: THROWS, spins: SPINS, short: SHORT },
  });
});
afterAll(() => app.close());

const invoke = (body: unknown, headers: Record<string, string> = {}) =>
  app.post("/functions/rsi-macd", body, headers);
const tableOf = async (response: Response) => tableFromIPC(new Uint8Array(await response.arrayBuffer()));

describe("POST /functions/{name} gives", () => {
  test("all symbols as one Arrow stream of the announced length, in (symbol, ts) order", async () => {
    const response = await invoke({});
    expect(response.status).toBe(200);
    expect(response.headers.get("Content-Type")).toBe("application/vnd.apache.arrow.stream");
    const bytes = new Uint8Array(await response.arrayBuffer());
    expect(response.headers.get("Content-Length")).toBe(String(bytes.length));
    const table = tableFromIPC(bytes);
    expect(response.headers.get("Quiver-Rows")).toBe(String(table.numRows));
    expect(table.schema.fields.map(String)).toEqual([
      "symbol: Dictionary<Int32, Utf8>",
      "ts: Date32<DAY>",
      "rsi: Float64",
      "macd: Float64",
      "macd_signal: Float64",
      "macd_hist: Float64",
    ]);
    const keys = table
      .toArray()
      .map((row) => `${String(row.symbol)} ${new Date(Number(row.ts)).toISOString()}`);
    expect(keys).toEqual(keys.toSorted());
    expect(new Set(keys.map((key) => key.split(" ")[0]))).toHaveLength(6);
    expect(response.headers.get("Server-Timing")).toMatch(/resolve;dur=[\d.]+.*run;dur=[\d.]+/);
  });

  test("an Arrow file to who asks for one, with the same rows", async () => {
    const stream = await tableOf(await invoke({}));
    const response = await invoke({}, { Accept: "application/vnd.apache.arrow.file" });
    expect(response.headers.get("Content-Type")).toBe("application/vnd.apache.arrow.file");
    const bytes = new Uint8Array(await response.arrayBuffer());
    expect(new TextDecoder().decode(bytes.subarray(0, 6))).toBe("ARROW1");
    expect(tableFromIPC(bytes).toArray().map(String)).toEqual(stream.toArray().map(String));
  });

  test("only the rows asked for, with the values they have among all", async () => {
    const all = await tableOf(await invoke({}));
    const some = await tableOf(
      await invoke({ symbols: ["S000004", "S000002"], from: "2023-12-01", to: "2023-12-11" }),
    );
    const wanted = all
      .toArray()
      .filter((row) => ["S000002", "S000004"].includes(String(row.symbol)))
      .filter((row) => Number(row.ts) >= Date.UTC(2023, 11, 1) && Number(row.ts) < Date.UTC(2023, 11, 11));
    expect(some.toArray().map(String)).toEqual(wanted.map(String));
    expect(some.numRows).toBeGreaterThan(0);
  });

  test.each([{ symbols: [] }, { from: "2030-01-01" }, { from: "2023-12-01", to: "2023-12-01" }])(
    "no rows but the right schema for the empty selection %j",
    async (body) => {
      const table = await tableOf(await invoke(body));
      expect(table.numRows).toBe(0);
      expect(table.schema.fields.map((field) => field.name)).toEqual([
        "symbol",
        "ts",
        "rsi",
        "macd",
        "macd_signal",
        "macd_hist",
      ]);
    },
  );

  test("304 to who holds the result already, and another tag for other parameters", async () => {
    const first = await invoke({ symbols: ["S000001"] });
    const etag = first.headers.get("ETag") ?? "";
    expect(etag).toMatch(/^"[0-9a-f]+"$/);
    await first.arrayBuffer();
    const again = await invoke({ symbols: ["S000001"] }, { "If-None-Match": etag });
    expect([again.status, await again.text()]).toEqual([304, ""]);
    const other = await invoke({ symbols: ["S000001"], params: { period: 15 } }, { "If-None-Match": etag });
    expect(other.status).toBe(200);
    await other.arrayBuffer();
  });

  test("the plan instead, with explain", async () => {
    const response = await app.post("/functions/rsi-macd?explain=1", { symbols: ["S000001"] });
    expect(await response.json()).toMatchObject({
      dataset: "demo",
      symbolCount: 1,
      stages: [{ function: "rsi-macd" }],
    });
    const get = await app.get("/functions/rsi-macd?explain=1&symbols=S000001");
    expect(await get.json()).toMatchObject({ dataset: "demo", symbolCount: 1 });
  });

  test("leaves nothing in the spool's output folder once it was read", async () => {
    const { readdirSync } = await import("node:fs");
    const { join } = await import("node:path");
    await (await invoke({})).arrayBuffer();
    const left = readdirSync(join(app.dataDir, "spool", "out")).flatMap((dir) =>
      readdirSync(join(app.dataDir, "spool", "out", dir)),
    );
    // Idle children rehearse in theirs.
    expect(left.filter((name) => name !== "rehearsal")).toEqual([]);
  });
});

describe("a function that fails", () => {
  test("by throwing is 422 with its stack and what it printed, and the next call is unaffected", async () => {
    const response = await app.post("/functions/throws", {});
    const problem = await problemOf(response);
    expect(response.status).toBe(422);
    expect(problem).toMatchObject({
      contentType: "application/problem+json",
      status: 422,
      code: "function-threw",
    });
    expect(String(problem["detail"])).toContain("no such thing as S000003");
    expect(String(problem["stack"])).toContain("throws/index.ts");
    expect(String(problem["logTail"])).toContain("looking at S000003");
    const next = await app.post("/functions/throws", { symbols: ["S000001"] });
    expect(next.status).toBe(200);
    await next.arrayBuffer();
    expect(app.printed.join("")).toContain("looking at S000001");
  });

  test("by taking too long is 504", async () => {
    const response = await app.post("/functions/spins", { symbols: ["S000001"] });
    expect(response.status).toBe(504);
    expect(String((await problemOf(response))["detail"])).toContain("300 ms");
  });

  test("by breaking its contract is 422", async () => {
    const response = await app.post("/functions/short", { symbols: ["S000001"] });
    expect(response.status).toBe(422);
    expect(await problemOf(response)).toMatchObject({ code: "contract-broken" });
  });

  test("is in the list of invocations with its outcome", async () => {
    await app.post("/functions/throws", {});
    const { invocations } = (await (await app.get("/invocations?function=throws&limit=1")).json()) as {
      invocations: Record<string, unknown>[];
    };
    expect(invocations).toMatchObject([{ function: "throws", outcome: "function-threw", rowCount: 0 }]);
    const one = await app.get(`/invocations/${String(invocations[0]?.["id"])}`);
    expect(await one.json()).toEqual(invocations[0]);
  });
});

describe("a request counts as running", () => {
  const etagOf = async () => (await (await invoke({ symbols: ["S000001"] })).arrayBuffer(), "*");
  test.each<[string, number, () => Promise<Response>]>([
    ["rows", 200, () => invoke({ symbols: ["S000001"] })],
    ["rows that come early", 200, () => app.post("/functions/rsi-macd?stream=early", {})],
    ["a 304", 304, async () => invoke({}, { "If-None-Match": await etagOf() })],
    ["a plan", 200, () => app.post("/functions/rsi-macd?explain=1", {})],
    [
      "a job without a server to run it",
      400,
      () => invoke({ symbols: ["S000001"] }, { Prefer: "respond-async" }),
    ],
    ["a version", 201, () => invoke({ publish: { as: "counted" } })],
    ["lines of progress", 200, () => invoke({ publish: true }, { Accept: "application/x-ndjson" })],
    ["a refusal", 400, () => invoke({ symbols: ["NONE"] })],
    ["a refused body", 400, () => invoke([])],
  ])("until %s has gone out", async (_, status, send) => {
    const response = await send();
    const body = await response.text();
    expect(response.status, body.slice(0, 200)).toBe(status);
    const metrics = await (await app.get("/metrics")).text();
    expect(metrics).toMatch(/^quiver_active_requests 0$/m);
  });
});
