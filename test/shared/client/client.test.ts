import { tableFromIPC } from "apache-arrow";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { createClient, type Client, type JobStatus } from "quiver/client";
import { serveHttp, type HttpServer } from "../../../runtime/platform/serve-http.ts";
import { openApp, type OpenedApp } from "../../support/open-app.ts";

const FAILING = `import { defineFeature, float64 } from "quiver";
export default defineFeature({
  description: "Throws",
  inputs: { bars: { close: float64 } },
  outputs: { x: float64 },
  handler() {
    throw new Error("no luck today");
  },
});`;

const TALKS = FAILING.replace('throw new Error("no luck today");', 'console.log("at work");')
  .replace('from "quiver";', 'from "quiver";\nimport { z } from "zod";')
  .replace("inputs:", "params: z.object({ times: z.int().default(1) }),\n  inputs:");

let app: OpenedApp;
let server: HttpServer;
let url = "";
let client: Client;
beforeAll(async () => {
  app = await openApp({
    settings: { token: "s3cret" },
    bars: { symbolCount: 4, dayCount: 40 },
    functions: {
      failing: FAILING,
      talks: TALKS,
      endless: FAILING.replace('throw new Error("no luck today")', "for (;;)"),
    },
  });
  app.wired.services.jobs.start();
  server = serveHttp((request) => app.wired.app.fetch(request), { hostname: "127.0.0.1", port: 0 });
  url = `http://127.0.0.1:${server.port}`;
  client = createClient({ url, token: "s3cret" });
});
afterAll(async () => {
  await server.stop(true);
  await app.close();
});

const SELECTION = { symbols: ["S000002"], from: "2023-12-20" } as const;

describe("a client over HTTP", () => {
  test("invokes: as a table, as bytes in a format, as a stream that comes early", async () => {
    const table = await client.invoke("rsi-macd", {
      ...SELECTION,
      symbols: ["S000002"],
      params: { period: 5 },
    });
    expect(table.schema.fields.map(({ name }) => name)).toEqual([
      "symbol",
      "ts",
      "rsi",
      "macd",
      "macd_signal",
      "macd_hist",
    ]);
    expect(table.numRows).toBeGreaterThan(5);
    const csv = await client.invokeBytes("rsi-macd", { symbols: ["S000002"] }, { format: "csv" });
    expect(new TextDecoder().decode(csv)).toMatch(/^symbol,ts,rsi,/);
    const stream = await client.invokeStream("rsi-macd", { symbols: ["S000002"] }, { early: true });
    const early = tableFromIPC(new Uint8Array(await new Response(stream).arrayBuffer()));
    expect(early.numRows).toBe(
      tableFromIPC(await client.invokeBytes("rsi-macd", { symbols: ["S000002"] })).numRows,
    );
  });

  test("publishes with progress, and reads what was published", async () => {
    const stages: string[] = [];
    const onProgress = ({ stage }: { stage: string }) => stages.push(stage);
    const published = await client.publish(
      "returns",
      { as: "daily-returns", codec: "uncompressed", forReaders: true },
      { onProgress },
    );
    expect([published.created, published.name, published.dataset]).toEqual([true, "daily-returns", "demo"]);
    expect(stages.length).toBeGreaterThan(0);
    const set = await client.featureSet("demo", "daily-returns");
    expect([set.current, set.versions[0]?.rowChecksum]).toEqual([published.version, published.rowChecksum]);
    const counted = await client.sql("select count(*)::int as n from demo.daily_returns");
    expect(counted.getChild("n")?.get(0)).toBe(published.rowCount);
    const text = await client.sqlBytes("select 1 as one", { format: "csv" });
    expect(new TextDecoder().decode(text)).toBe("one\r\n1\r\n");
    expect(await new Response(await client.sqlStream("select 1 as one", { format: "json" })).json()).toEqual([
      { one: 1 },
    ]);
  });

  test("lists functions, datasets and invocations", async () => {
    const { functions, broken } = await client.functions();
    expect([functions.some(({ name, kind }) => name === "rsi-macd" && kind === "feature"), broken]).toEqual([
      true,
      [],
    ]);
    const description = await client.function("rsi-macd");
    expect(description.outputs.map(({ name }) => name)).toEqual(["rsi", "macd", "macd_signal", "macd_hist"]);
    expect((await client.datasets()).map(({ name, symbolCount }) => [name, symbolCount])).toEqual([
      ["demo", 4],
    ]);
    expect((await client.dataset("demo")).index.symbolCount).toBe(4);
    const [last] = await client.invocations({ function: "rsi-macd", limit: 1 });
    expect(last).toMatchObject({ function: "rsi-macd", outcome: "ok" });
  });

  test("sends rows of the caller's own: to a function, and to be joined with features", async () => {
    const rows = await client.sql("select symbol, ts, close from demo.bars where symbol = 'S000002'");
    const own = await client.invokeOn("returns", rows, { params: { lag: 2 }, from: "2023-12-20" });
    const stored = await client.invoke("returns", {
      symbols: ["S000002"],
      params: { lag: 2 },
      from: "2023-12-20",
    });
    const values = (table: typeof own) => [...(table.getChild("simple_return") ?? [])];
    expect(own.numRows).toBeGreaterThan(3);
    expect(values(own)).toEqual(values(stored));
    await client.publish("returns");
    const entities = await client.sql("select symbol, ts from demo.bars where ts >= '2023-12-30'");
    const joined = await client.trainingSet(entities, {
      features: "demo:returns.simple_return",
      timezone: "UTC",
    });
    expect(joined.numRows).toBe(entities.numRows);
    expect(joined.schema.fields.length).toBeGreaterThan(2);
    await expect(client.trainingSet(entities, { features: "demo:nothing" })).rejects.toMatchObject({
      code: "unknown-feature",
    });
  });

  test("tells what would be done, what reads what and what is scheduled", async () => {
    expect(await client.explain("rsi-macd", { symbols: ["S000002"] })).toMatchObject({ dataset: "demo" });
    expect((await client.graph()).nodes.map(({ id }) => id)).toContain("rsi-macd");
    expect(await client.schedule()).toEqual({ file: null, running: false, problem: null, entries: [] });
  });

  test("starts jobs, follows them, and reads their results", async () => {
    const seen: string[] = [];
    const job = await client.start("rsi-macd", { symbols: ["S000002"] }, { idempotencyKey: "one" });
    const table = await job.table({ onProgress: ({ stage }) => seen.push(stage) });
    expect(table.numRows).toBeGreaterThan(5);
    expect(await job.status()).toMatchObject({ id: job.id, status: "succeeded", function: "rsi-macd" });
    // Sent again, for example because the response was lost: the same job.
    const again = await client.start("rsi-macd", { symbols: ["S000002"] }, { idempotencyKey: "one" });
    expect(again.id).toBe(job.id);
    const csv = await client.job(job.id).bytes("csv");
    expect(new TextDecoder().decode(csv)).toMatch(/^symbol,ts,rsi,/);
    const watched = await client.invoke(
      "returns",
      { symbols: ["S000002"] },
      { onProgress: ({ stage }) => seen.push(stage) },
    );
    expect((await client.jobs({ status: "succeeded" })).map(({ id }) => id)).toContain(job.id);
    expect([watched.numRows, seen.length > 0]).toEqual([table.numRows, true]);
    const publishing = await client.startPublish("returns", { as: "by-job" });
    expect((await publishing.wait()).result?.version).toMatchObject({ name: "by-job", created: true });
    expect(await publishing.published()).toMatchObject({ name: "by-job", dataset: "demo", created: true });
  });

  test("watches a job as events, and reads its log", async () => {
    const job = await client.start("talks", { symbols: ["S000002"] }, { priority: 7 });
    const seen: JobStatus[] = [];
    for await (const status of job.events()) seen.push(status);
    expect(seen.at(-1)).toMatchObject({ id: job.id, status: "succeeded", priority: 7 });
    expect(seen.slice(0, -1).filter(({ endedAt }) => endedAt !== null)).toEqual([]);
    expect(await job.logs()).toBe("at work\n");
    await expect(client.job("nobody").logs()).rejects.toMatchObject({ code: "not-found" });
    await expect(client.job("nobody").events()[Symbol.asyncIterator]().next()).rejects.toMatchObject({
      code: "not-found",
    });
  });

  test("says that the server went away before a job had ended", async () => {
    const cut = () =>
      Promise.resolve(new Response('id: 1\nevent: progress\ndata: {"id":"j"}\n\n', { status: 200 }));
    const events = createClient({ url, fetch: cut }).job("j").events()[Symbol.asyncIterator]();
    expect(await events.next()).toEqual({ done: false, value: { id: "j" } });
    await expect(events.next()).rejects.toMatchObject({
      code: "server-unreachable",
      message:
        "The server went away while it reported on the job j, which continues at its next start. Ask again then.",
    });
  });

  test("asks why a version is not current any more, and makes room", async () => {
    await client.publish("talks", { as: "asked", params: { times: 2 } });
    expect(await client.why("talks", { as: "asked" })).toMatchObject({ isCurrent: true, changes: [] });
    const other = await client.why("talks", { as: "asked", params: { times: 3 }, symbols: ["S000001"] });
    expect([other.isCurrent, other.changes.length > 0]).toEqual([false, true]);
    await client.publish("talks", { as: "asked", params: { times: 3 }, replace: true });
    const gc = { keep: 1, olderThanMs: 0 };
    const { removed, versions } = await client.gc({ ...gc, dryRun: true });
    // A query that started a moment ago may still read it.
    expect([removed, versions]).toEqual([false, []]);
    expect((await client.gc(gc)).removed).toBe(true);
    expect((await client.featureSet("demo", "asked")).versions).toHaveLength(2);
    await expect(client.gc({ keep: -1 })).rejects.toMatchObject({ code: "request-malformed" });
  });

  test("cancels a job", async () => {
    const job = await client.start("endless");
    await expect.poll(async () => (await job.status()).status).toBe("running");
    await job.cancel();
    await expect(job.wait()).rejects.toMatchObject({ code: "invocation-cancelled" });
    // A call abandoned by its only caller cancels its job.
    const caller = new AbortController();
    const call = client.invoke("endless", {}, { signal: caller.signal, onProgress: () => undefined });
    await expect.poll(() => app.wired.services.jobs.runningCount).toBe(1);
    caller.abort(new Error("given up"));
    await expect(call).rejects.toThrow("given up");
    // The caller learns at once; the server when it sees the connection closed.
    await expect.poll(() => app.wired.services.jobs.runningCount).toBe(0);
  });

  test("tells failures by their codes, with the server's sentence and facts", async () => {
    await expect(client.invoke("failing")).rejects.toMatchObject({
      code: "function-threw",
      message: expect.stringContaining("no luck today"),
      facts: { status: 422, stack: expect.stringContaining("failing") },
    });
    await expect((await client.start("failing")).wait()).rejects.toMatchObject({ code: "function-threw" });
    await expect(client.publish("failing")).rejects.toMatchObject({ code: "function-threw" });
    await expect(client.invoke("rsi-mcd")).rejects.toMatchObject({ code: "not-found" });
    await expect(client.job("nope").status()).rejects.toMatchObject({ code: "not-found" });
    await expect(client.sql("select * from nowhere.bars")).rejects.toMatchObject({ code: "sql-refused" });
    await expect(createClient({ url }).functions()).rejects.toMatchObject({ code: "unauthorized" });
  });

  test("tells a server that is not there from one that is none of ours", async () => {
    const nobody = createClient({ url: "http://127.0.0.1:9" });
    await expect(nobody.functions()).rejects.toMatchObject({
      code: "server-unreachable",
      message: expect.stringMatching(
        /^Cannot reach the server at http:\/\/127\.0\.0\.1:9: .*"npm start" starts one/,
      ),
    });
    const other = createClient({
      url,
      fetch: () => Promise.resolve(new Response("<h1>Bad gateway</h1>", { status: 502 })),
    });
    await expect(other.functions()).rejects.toMatchObject({
      code: "internal-error",
      message: "The server answered 502 without a Quiver error: <h1>Bad gateway</h1>",
    });
    const cut = createClient({
      url,
      fetch: () => Promise.resolve(new Response('{"progress": {"stage": "load"}}\n')),
    });
    await expect(cut.publish("returns")).rejects.toMatchObject({
      code: "server-unreachable",
      message: "The server stopped before the version was published: the previous version is still current.",
    });
    const deaf = createClient({ url, fetch: () => Promise.resolve(new Response("{}")) });
    await expect(deaf.start("returns")).rejects.toMatchObject({
      message:
        "Cannot follow the invocation: the server answered 200 with the Location null, expected /invocations/{id}.",
    });
  });

  // "127.0.0.1:8787" came back as a TypeError from inside the client.
  test.each(["127.0.0.1:8787", "localhost:8787", "", "ftp://127.0.0.1"])(
    "refuses the address %j, which is no URL that it could call",
    (address) => {
      expect(() => createClient({ url: address })).toThrow(
        expect.objectContaining({
          code: "setting-invalid",
          message: `Cannot use ${JSON.stringify(address)} as the server's URL: expected one that begins with http:// or https://, for example "http://127.0.0.1:8787".`,
        }),
      );
    },
  );

  test("stops waiting when its signal says so", async () => {
    const caller = AbortSignal.abort(new Error("not now"));
    await expect(client.invoke("rsi-macd", {}, { signal: caller })).rejects.toThrow("not now");
  });
});
