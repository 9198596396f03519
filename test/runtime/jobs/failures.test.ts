import { rmSync } from "node:fs";
import { join } from "node:path";
import { DateDay, Dictionary, Float64, Int32, Table, tableToIPC, Utf8, vectorFromArray } from "apache-arrow";
import { afterEach, describe, expect, test } from "vitest";
import type { JobView } from "../../../runtime/jobs/job-view.ts";
import { openJobRecords } from "../../../runtime/store/job-records.ts";
import { childrenOf } from "../../support/inspect-data-dir.ts";
import { ASYNC, type JobApp, openJobApp, until } from "../../support/job-app.ts";
import { problemOf } from "../../support/open-app.ts";

let app: JobApp;
afterEach(() => app.close());

const isLinux = process.platform === "linux";
const isAtWork = async (id: string) =>
  (await (await app.get(`/invocations/${id}/logs`)).text()).includes("at work");

/** Rows that come along are not counted: such a job may be of any size. */
async function orderBig(milliseconds: number, query = ""): Promise<JobView> {
  const days = [1, 2, 3];
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
  const params = encodeURIComponent(JSON.stringify({ milliseconds }));
  const response = await app.send(`/functions/slow${query === "" ? "?" : `${query}&`}params=${params}`, {
    method: "POST",
    headers: { ...ASYNC, "Content-Type": "application/vnd.apache.arrow.stream" },
    body: new Uint8Array(tableToIPC(table, "stream")),
  });
  if (response.status !== 202) throw new Error(await response.text());
  return (await response.json()) as JobView;
}

describe("a job", () => {
  test.skipIf(!isLinux)("whose process is killed is begun again, and says so in its log", async () => {
    app = await openJobApp();
    const { id } = await app.order("slow", { symbols: ["S000002"], params: { milliseconds: 1_000 } });
    await until(() => isAtWork(id));
    for (const pid of childrenOf(app.dataDir)) process.kill(pid, "SIGKILL");
    expect(await app.ended(id)).toMatchObject({ status: "succeeded", attempts: 2 });
    expect(await (await app.get(`/invocations/${id}/logs`)).text()).toBe(
      'at work\n[quiver] The function "slow" ended its process by signal SIGKILL before it answered. A handler must return, not exit. Attempt 2 follows.\nat work\n',
    );
  });

  test("is refused when as many wait as may, with the time to come back", async () => {
    app = await openJobApp({ settings: { jobsMax: 1, jobQueueSizeMax: 1 } });
    const slow = { params: { milliseconds: 60_000 } };
    const running = await app.order("slow", slow);
    const waiting = await app.order("slow", slow);
    const refused = await app.post("/functions/slow", slow, ASYNC);
    expect([refused.status, refused.headers.get("Retry-After")]).toEqual([429, "5"]);
    expect((await problemOf(refused))["detail"]).toBe(
      "Cannot take the job: one job is queued already, which is the limit. Try again later, or raise --job-queue-size-max.",
    );
    for (const { id } of [waiting, running]) await app.send(`/invocations/${id}`, { method: "DELETE" });
  });

  test("of a higher priority is before those that wait, and no job is before a caller", async () => {
    app = await openJobApp({ settings: { jobsMax: 1 } });
    const running = await app.order("slow?priority=5", { params: { milliseconds: 60_000 } });
    const late = await app.order("slow", { params: { milliseconds: 1 } });
    const soon = await app.order("slow?priority=5", { params: { milliseconds: 2 } });
    expect([(await app.job(soon.id)).queuedBefore, (await app.job(late.id)).queuedBefore]).toEqual([0, 1]);
    const call = await app.post("/functions/slow?format=json", { symbols: ["S000001"] });
    expect(call.status).toBe(200);
    expect((await app.job(running.id)).status).toBe("running");
    await app.send(`/invocations/${running.id}`, { method: "DELETE" });
    const ended = [await app.ended(late.id), await app.ended(soon.id)].map(
      ({ startedAt }) => startedAt ?? "",
    );
    expect(ended[1]! < ended[0]!).toBe(true);
  });

  // A job over one symbol once waited for whole markets, even with the highest priority.
  test("of few rows does not wait for those of many, nor one that is more urgent than all that run", async () => {
    app = await openJobApp({ settings: { jobsMax: 1, childrenMax: 5 } });
    const [big, waiting] = [await orderBig(60_000), await orderBig(60_001)];
    expect([big.isSmall, big.status, waiting.status, waiting.queuedBefore]).toEqual([
      false,
      "running",
      "queued",
      0,
    ]);
    const small = await app.order("slow", { symbols: ["S000001"], params: { milliseconds: 3 } });
    expect([small.isSmall, small.status]).toEqual([true, "running"]);
    expect(await app.ended(small.id)).toMatchObject({ status: "succeeded" });
    const urgent = await orderBig(60_002, "?priority=1");
    expect(urgent.status).toBe("running");
    // Beside it there is no place even for what is more urgent still.
    const moreUrgent = await orderBig(60_003, "?priority=2");
    expect([moreUrgent.status, moreUrgent.queuedBefore]).toEqual(["queued", 0]);
    expect((await app.job(waiting.id)).queuedBefore).toBe(1);
    for (const { id } of [moreUrgent, urgent, waiting, big])
      await app.send(`/invocations/${id}`, { method: "DELETE" });
  });

  test("is given up when the server died too often while it ran, and cancelled if that was asked for", async () => {
    app = await openJobApp({ settings: { jobCrashesMax: 2 } });
    const { jobs } = app.wired.services;
    const [first, second] = await Promise.all([app.order("slow", {}), app.order("slow", {})]);
    for (const { id } of [first, second]) await app.ended(id);
    // As servers that died left them.
    const records = openJobRecords(join(app.dataDir, "quiver.db"), 100);
    const running = { status: "running", endedAt: null, crashes: 2 } as const;
    records.save({ ...records.find(first.id)!, ...running });
    records.save({ ...records.find(second.id)!, ...running, cancelRequested: true });
    records.close();
    jobs.start();
    expect(await app.job(first.id)).toMatchObject({
      status: "failed",
      error: {
        status: 500,
        code: "job-abandoned",
        detail: `Gave up the job ${first.id}: the server died 3 times while it ran. Find the cause before you submit it again, or raise --job-crashes-max.`,
      },
    });
    expect(await app.job(second.id)).toMatchObject({ status: "cancelled" });
  });

  test("keeps its result for a stated time, then answers 410", async () => {
    app = await openJobApp({ settings: { jobResultKeptMs: 1 } });
    const { id } = await app.order("slow", { symbols: ["S000002"] });
    const { result } = await app.ended(id);
    await until(async () => (await app.job(id)).result?.url === null);
    const gone = await app.get(`/invocations/${id}/result`);
    expect([gone.status, (await problemOf(gone))["detail"]]).toEqual([
      410,
      `The result of the job ${id} has expired: it was kept until ${result?.expiresAt}. Submit the job again; --job-result-kept-ms keeps results longer.`,
    ]);
  });

  test("answers 410 when the spool was emptied by hand", async () => {
    app = await openJobApp();
    const { id } = await app.order("slow", { symbols: ["S000002"] });
    await app.ended(id);
    expect((await app.job(id)).result?.url).toBe(`/invocations/${id}/result`);
    rmSync(join(app.dataDir, "spool", "jobs"), { recursive: true });
    expect((await app.job(id)).result?.url).toBeNull();
    const gone = await app.get(`/invocations/${id}/result`);
    expect([gone.status, (await problemOf(gone))["detail"]]).toEqual([
      410,
      `The result of the job ${id} was removed: newer results exceeded --job-result-bytes, or the spool was emptied. Submit the job again.`,
    ]);
  });

  test("is not taken where no server works on it", async () => {
    app = await openJobApp();
    await app.wired.services.jobs.stop();
    const stopping = await app.post("/functions/slow", {}, ASYNC);
    expect([stopping.status, (await problemOf(stopping))["detail"]]).toEqual([
      503,
      "Cannot take the job: the server is stopping. Try again shortly.",
    ]);
  });
});
