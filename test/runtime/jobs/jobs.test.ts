import { DateDay, Dictionary, Float64, Int32, Table, tableToIPC, Utf8, vectorFromArray } from "apache-arrow";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { readdirSync } from "node:fs";
import { join } from "node:path";
import { z } from "zod";
import type { JobView } from "../../../runtime/jobs/job-view.ts";
import { InvocationAnswer, InvocationsAnswer, JobAnswer } from "../../../runtime/routes/job-schemas.ts";
import { ASYNC, type JobApp, openJobApp, until } from "../../support/job-app.ts";
import { problemOf } from "../../support/open-app.ts";

interface Described {
  readonly paths: Record<
    string,
    | Record<
        string,
        | {
            responses: Record<
              string,
              | {
                  content: Record<
                    string,
                    { schema: { required?: string[]; anyOf?: object[]; properties?: object } }
                  >;
                }
              | undefined
            >;
          }
        | undefined
      >
    | undefined
  >;
}

let app: JobApp;
beforeAll(async () => {
  app = await openJobApp();
});
afterAll(() => app.close());

const bytes = async (response: Response) => Buffer.from(await response.arrayBuffer());
const refusal = async (response: Response) => {
  const { status, code, detail } = await problemOf(response);
  return [response.status, status, code, detail];
};

describe("a job", () => {
  test("is accepted with its place, and its result is that of the call itself, in every format", async () => {
    const accepted = await app.post("/functions/rsi-macd", { symbols: ["S000002"] }, ASYNC);
    expect([accepted.status, accepted.headers.get("Preference-Applied")]).toEqual([202, "respond-async"]);
    const location = accepted.headers.get("Location") ?? "";
    const { id } = (await accepted.json()) as { id: string };
    expect(location).toBe(`/invocations/${id}`);
    expect(await app.ended(id)).toMatchObject({
      id,
      status: "succeeded",
      function: "rsi-macd",
      kind: "invoke",
      attempts: 1,
      outcome: "ok",
      queuedBefore: null,
      progress: { partitionsDone: 1, partitionCount: 1, rowsDone: 60, rowCount: 60, secondsLeft: null },
      result: { url: `${location}/result`, rowCount: 60, version: null },
    });
    const queries = ["?format=arrow", "?format=arrow.file", "?format=csv&limit=60", "?format=json"];
    for (const query of queries) {
      const direct = await app.post(`/functions/rsi-macd${query}`, { symbols: ["S000002"] });
      const kept = await app.get(`${location}/result${query}`);
      expect([query, kept.status, kept.headers.get("Content-Type")]).toEqual([
        query,
        200,
        direct.headers.get("Content-Type"),
      ]);
      expect(await bytes(kept)).toEqual(await bytes(direct));
    }
    const parquet = await app.get(`${location}/result?format=parquet`);
    expect((await bytes(parquet)).subarray(0, 4).toString()).toBe("PAR1");
    expect(await refusal(await app.get(`${location}/result?format=csv&limit=59`))).toEqual([
      400,
      400,
      "row-limit-exceeded",
      // It advised CSV to who had asked for CSV.
      "Cannot answer with 60 rows: `limit` is 59. Narrow the selection, or raise `limit` or leave it out.",
    ]);
  });

  test("publishes, and its result is the manifest", async () => {
    const { id } = await app.order("rsi-macd", { publish: { as: "by-job" } });
    const job = await app.ended(id);
    const { current } = (await (await app.get("/datasets/demo/features/by-job")).json()) as {
      current: string;
    };
    expect(job).toMatchObject({ status: "succeeded", kind: "publish", dataset: "demo" });
    expect(job.result?.version).toMatchObject({ name: "by-job", version: current, created: true });
    const manifest = await (await app.get(`/invocations/${id}/result`)).json();
    expect(manifest).toMatchObject({
      version: current,
      created: true,
      rowChecksum: job.result?.version?.rowChecksum,
    });
    await app.send("/datasets/demo/features/by-job", { method: "DELETE" });
    expect(await refusal(await app.get(`/invocations/${id}/result`))).toEqual([
      410,
      410,
      "result-gone",
      `The version demo/by-job@${current} that the job ${id} published was removed since. Publish again.`,
    ]);
  });

  test("that fails has the problem that the call would have been answered with, and its log", async () => {
    const { id } = await app.order("throws", {});
    const job = await app.ended(id);
    expect(job).toMatchObject({
      status: "failed",
      attempts: 1,
      outcome: "function-threw",
      error: { status: 422, code: "function-threw", detail: 'The function "throws" stopped: no luck' },
      result: null,
    });
    expect(await refusal(await app.get(`/invocations/${id}/result`))).toEqual([
      422,
      422,
      "function-threw",
      'The function "throws" stopped: no luck',
    ]);
    expect(await (await app.get(`/invocations/${id}/logs`)).text()).toBe("at work\n");
  });

  test("is cancelled by DELETE while it runs and while it waits, as often as one likes", async () => {
    const orders = [1, 2, 3].map(() => app.order("slow", { params: { milliseconds: 60_000 } }));
    const [first, , third] = await Promise.all(orders);
    await until(async () => (await app.job(first!.id)).status === "running");
    expect(await app.job(third!.id)).toMatchObject({ status: "queued", queuedBefore: 0 });
    expect(await refusal(await app.get(`/invocations/${first!.id}/result`))).toEqual([
      409,
      409,
      "job-unfinished",
      `Cannot answer with the result of the job ${first!.id}: it is running. GET /invocations/${first!.id}/events reports when it has ended.`,
    ]);
    for (const { id } of (await Promise.all(orders)).toReversed()) {
      const cancel = () => app.send(`/invocations/${id}`, { method: "DELETE" });
      const error = { code: "invocation-cancelled", detail: 'The job of "slow" was cancelled.' };
      const answer = (await (await cancel()).json()) as object;
      expect(answer).toMatchObject({ status: "cancelled", error, result: null });
      expect(await (await cancel()).json()).toEqual(answer);
    }
    expect(app.wired.services.jobs.runningCount).toBe(0);
    const ended = (await (await app.get("/invocations?status=cancelled&function=slow")).json()) as {
      invocations: object[];
    };
    expect(ended.invocations).toHaveLength(3);
  });

  test("that was answered to an idempotency key is the answer to the same key again", async () => {
    const key = { "Idempotency-Key": "evening-1" };
    const body = { symbols: ["S000003"], params: { period: 5 } };
    const job = await app.order("rsi-macd", body, key);
    await app.ended(job.id);
    const again = await app.post("/functions/rsi-macd", body, { ...ASYNC, ...key });
    expect([again.status, again.headers.get("Location")]).toEqual([200, `/invocations/${job.id}`]);
    const other = await app.post("/functions/rsi-macd", {}, { ...ASYNC, ...key });
    expect(await refusal(other)).toEqual([
      422,
      422,
      "idempotency-key-reused",
      `Cannot take the job: the idempotency key "evening-1" belongs to the job ${job.id}, whose request was different. Use a new key for every request.`,
    ]);
    const both = [1, 2].map(() => app.order("rsi-macd", body, { "Idempotency-Key": "at once" }));
    const [one, two] = await Promise.all(both);
    expect(one!.id).toBe(two!.id);
    await app.ended(one!.id);
  });

  test("tells how it stands as events: at once, and when it ends", async () => {
    const { id } = await app.order("slow", { params: { milliseconds: 50 } });
    const response = await app.get(`/invocations/${id}/events`);
    expect(response.headers.get("Content-Type")).toBe("text/event-stream");
    const events = (await response.text())
      .trimEnd()
      .split("\n\n")
      .map((text) => text.split("\n"));
    expect(events[0]?.slice(0, 2)).toEqual(["id: 1", "event: progress"]);
    expect(events.at(-1)?.slice(0, 2)).toEqual(["id: end", "event: end"]);
    expect(JSON.parse(events.at(-1)![2]!.slice("data: ".length))).toMatchObject({ id, status: "succeeded" });
    const back = await app.get(`/invocations/${id}/events`, { "Last-Event-ID": "end" });
    expect([back.status, await back.text()]).toEqual([204, ""]);
    const later = await (await app.get(`/invocations/${id}/events`, { "Last-Event-ID": "1" })).text();
    expect(later).toMatch(/^id: end\nevent: end\ndata: \{.*\}\n\n$/);
  });

  test("tells while a partition is at work how many of its rows are done, what runs, and how long it may take", async () => {
    const { id } = await app.order("slow", {
      symbols: ["S000001", "S000002", "S000003"],
      params: { milliseconds: 550 },
    });
    const events = await (await app.get(`/invocations/${id}/events`)).text();
    const told = events
      .split("\n")
      .filter((line) => line.startsWith("data: "))
      .map((line) => (JSON.parse(line.slice("data: ".length)) as JobView).progress);
    const within = told.filter((progress) => progress?.partitionsDone === 0 && progress.rowsDone > 0);
    expect(within.length).toBeGreaterThan(0);
    for (const progress of within) {
      expect(progress).toMatchObject({ stage: "slow", partitionCount: 1 });
      expect(progress?.rowsPerSecond).toBeGreaterThan(0);
      expect(progress?.secondsLeft).not.toBeNull();
    }
    const { rowsDone, rowCount } = told.at(-1) ?? {};
    expect([rowsDone, told.at(-1)?.partitionsDone]).toEqual([rowCount, 1]);
  });

  test("is what the interface's description says, however it stands", async () => {
    const ordered = await app.order("throws", {});
    await app.ended(ordered.id);
    const published = await app.order("rsi-macd", { publish: { as: "described" } });
    await app.ended(published.id);
    const running = await app.order("slow", { params: { milliseconds: 60_002 } });
    const jobs = [
      ordered,
      await app.job(ordered.id),
      await app.ended(published.id),
      await app.job(running.id),
    ];
    await app.send(`/invocations/${running.id}`, { method: "DELETE" });
    for (const job of jobs) expect(InvocationAnswer.parse(job)).toEqual(job);
    expect(z.strictObject(JobAnswer.shape).parse(ordered)).toEqual(ordered);
    const listed: unknown = await (await app.get("/invocations")).json();
    expect(InvocationsAnswer.parse(listed)).toEqual(listed);
    const document = (await (await app.get("/openapi.json")).json()) as Described;
    const schemaOf = (path: string, method: string, status: string) =>
      document.paths[path]?.[method]?.responses[status]?.content["application/json"]?.schema;
    expect(schemaOf("/functions/{name}", "post", "202")?.required).toContain("queuedBefore");
    expect(schemaOf("/invocations/{id}", "get", "200")?.anyOf).toHaveLength(2);
    expect(schemaOf("/invocations/{id}", "delete", "200")?.anyOf).toHaveLength(2);
    expect(schemaOf("/invocations", "get", "200")?.properties).toHaveProperty("invocations");
  });

  test("of a client that goes away leaves nothing waiting", async () => {
    const { id } = await app.order("slow", { params: { milliseconds: 60_000 } });
    const reader = (await app.get(`/invocations/${id}/events`)).body!.getReader();
    await reader.read();
    // Would wait for the job's next change if it did not tell that it is gone.
    await reader.cancel();
    await app.send(`/invocations/${id}`, { method: "DELETE" });
  });

  test("with an Arrow body computes on the body", async () => {
    const days = Array.from({ length: 30 }, (_, day) => day);
    const table = new Table({
      symbol: vectorFromArray(
        days.map(() => "A"),
        new Dictionary(new Utf8(), new Int32()),
      ),
      ts: vectorFromArray(
        days.map((day) => day * 86_400_000),
        new DateDay(),
      ),
      close: vectorFromArray(days, new Float64()),
    });
    const body = tableToIPC(table, "stream");
    const headers = {
      ...ASYNC,
      "Content-Type": "application/vnd.apache.arrow.stream",
      "Idempotency-Key": "b",
    };
    const send = (data: Uint8Array<ArrayBuffer>) =>
      app.send("/functions/slow", { method: "POST", headers, body: data });
    const accepted = await send(new Uint8Array(body));
    expect(accepted.status).toBe(202);
    const { id } = (await accepted.json()) as { id: string };
    const job = await app.ended(id);
    expect(job).toMatchObject({ status: "succeeded", error: null, result: { rowCount: table.numRows } });
    expect((await send(new Uint8Array(body))).headers.get("Location")).toBe(`/invocations/${id}`);
    const other = new Uint8Array(body);
    other[other.length - 100]! ^= 1;
    expect((await send(other)).status).toBe(422);
    expect(readdirSync(join(app.dataDir, "spool", "uploads"))).toEqual([]);
  });
});

describe("refused at once", () => {
  const post = (query: string, body: unknown, headers = {}) =>
    app.post(`/functions/rsi-macd${query}`, body, { ...ASYNC, ...headers });

  test.each([
    ["a parameter that is not there", () => post("", { params: { perod: 5 } }), 400, /^Cannot .*"perod"/],
    [
      "a format",
      () => post("?format=csv", {}),
      400,
      /^Cannot take "format" in the query of a request with "Prefer: respond-async": expected it in the query of GET \/invocations\/\{id\}\/result\.$/,
    ],
    [
      "an early stream",
      () => post("?stream=early", {}),
      400,
      /^Cannot take "stream" in the query of a request with "Prefer: respond-async": expected none\.$/,
    ],
    [
      "a priority out of range",
      () => post("?priority=101", {}),
      400,
      /given "101", expected a whole number from -100 to 100\.$/,
    ],
    [
      "an empty key",
      () => post("", {}, { "Idempotency-Key": " " }),
      400,
      /^Cannot take the header Idempotency-Key: given \d characters, expected 1 to 255\.$/,
    ],
    [
      "a status that is none",
      () => app.get("/invocations?status=done"),
      400,
      /given "done", expected "queued", "running", "succeeded", "failed" or "cancelled"\.$/,
    ],
    [
      "a priority of a call",
      () => app.post("/functions/rsi-macd?priority=1", {}),
      400,
      /^Cannot take "priority" in the query of this request: it is for jobs\. Send the header "Prefer: respond-async" with it\.$/,
    ],
    [
      "a dataset that is not there",
      () => post("", { dataset: "dmo" }),
      400,
      /^Cannot find the dataset "dmo": there is demo\. Did you mean "demo"\? "quiver import <dataset> <files>" makes one\.$/,
    ],
    [
      "a dataset that is not there, for a publication",
      () => post("", { dataset: "dmo", publish: true }),
      400,
      /^Cannot find the dataset "dmo": there is demo\. Did you mean "demo"\? "quiver import <dataset> <files>" makes one\.$/,
    ],
    [
      "a symbol that is not there",
      () => post("", { symbols: ["S000002", "NOPE"] }),
      400,
      /^Cannot find the symbol "NOPE" in the dataset "demo", which has 4 symbols\. There are "S000000", "S000001", "S000002" and 1 more\.$/,
    ],
    [
      "an input that is not there",
      () => post("", { inputs: { prices: { dataset: "demo" } } }),
      400,
      /^Cannot bind the input "prices" of "rsi-macd": it has bars\.$/,
    ],
    [
      "a key of a call",
      () => app.post("/functions/rsi-macd", {}, { "Idempotency-Key": "k" }),
      400,
      /^Cannot take the header Idempotency-Key with this request: it is for jobs\. Send the header "Prefer: respond-async" with it, or leave it out: the same request gives the same rows\.$/,
    ],
    [
      "a function that is not there",
      () => app.post("/functions/rsi", {}, ASYNC),
      404,
      /^Cannot find the function "rsi"/,
    ],
  ])("%s", async (_, send, status, detail) => {
    const response = await send();
    expect(response.status).toBe(status);
    expect((await problemOf(response))["detail"]).toMatch(detail);
  });

  test.each(["", "/events", "/result", "/logs"])("GET /invocations/nobody%s", async (path) => {
    expect(await refusal(await app.get(`/invocations/nobody${path}`))).toEqual([
      404,
      404,
      "not-found",
      'Cannot find the invocation "nobody": there is no such job, and no call with that id has ended. GET /invocations lists what there is.',
    ]);
  });

  test("the result of a call that was answered", async () => {
    const id = (await app.post("/functions/rsi-macd", { symbols: ["S000002"] })).headers.get(
      "Quiver-Invocation",
    );
    expect(await refusal(await app.get(`/invocations/${id}/result`))).toEqual([
      410,
      410,
      "result-gone",
      `The call ${id} of "rsi-macd" was answered directly: only jobs keep their results. Send the request again with "Prefer: respond-async".`,
    ]);
  });
});
