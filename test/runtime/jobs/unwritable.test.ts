import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { afterEach, describe, expect, test } from "vitest";
import { openJobRecords } from "../../../runtime/store/job-records.ts";
import { ASYNC, type JobApp, openJobApp, until } from "../../support/job-app.ts";
import { problemOf } from "../../support/open-app.ts";

let app: JobApp;
let other: DatabaseSync | undefined;
afterEach(async () => {
  other?.close();
  other = undefined;
  await app.close();
});

/** What another program may do to the file. */
function asAnother(sql: string): void {
  other ??= new DatabaseSync(join(app.dataDir, "quiver.db"));
  other.exec(sql);
}

function written(id: string) {
  const records = openJobRecords(join(app.dataDir, "quiver.db"), 100);
  try {
    return records.find(id);
  } finally {
    records.close();
  }
}

const slow = (milliseconds: number) => ({ symbols: ["S000001"], params: { milliseconds } });
const timesAtWork = () => app.printed.join("").split("at work").length - 1;
const refusal = async (response: Response) => [
  response.status,
  response.headers.get("Retry-After"),
  (await problemOf(response))["detail"],
];
const REPORT = (why: string) =>
  `Cannot write the state of jobs to quiver.db: ${why}. Running jobs continue; none starts before it can be written.\n`;

describe("while another process holds quiver.db for writing", () => {
  // It once began the job whose turn it was over and over, and answered nobody any more.
  test("jobs that run end, the next one waits and is begun once, and callers are answered", async () => {
    app = await openJobApp({ settings: { jobsMax: 2 } });
    // A server opens what it has before it serves.
    await app.wired.warm();
    const [one, two, three] = [
      await app.order("slow", slow(500)),
      await app.order("slow", slow(501)),
      await app.order("slow", slow(1)),
    ];
    await until(() => timesAtWork() === 1);
    asAnother("BEGIN IMMEDIATE");
    for (const { id } of [one, two]) {
      expect(await app.ended(id)).toMatchObject({ status: "succeeded", attempts: 1 });
      expect((await app.get(`/invocations/${id}/result?format=json`)).status).toBe(200);
      expect(await (await app.get(`/invocations/${id}/logs`)).text()).toBe("at work\n");
      expect(written(id)?.status).toBe("running");
    }
    expect((await app.get("/healthz")).status).toBe(200);
    expect(await app.job(three.id)).toMatchObject({ status: "queued", attempts: 0 });
    expect(await refusal(await app.post("/functions/slow", slow(1), ASYNC))).toEqual([
      503,
      "5",
      "Cannot take the job: quiver.db cannot be written at the moment. Nothing has changed; try again shortly.",
    ]);
    expect(await refusal(await app.send(`/invocations/${three.id}`, { method: "DELETE" }))).toEqual([
      503,
      "5",
      `Cannot cancel the job ${three.id}: quiver.db cannot be written at the moment. Nothing has changed; try again shortly.`,
    ]);
    const listed = (await (await app.get("/invocations?jobs=1&status=succeeded")).json()) as {
      invocations: { id: string }[];
    };
    expect(listed.invocations.map(({ id }) => id).toSorted()).toEqual([one.id, two.id].toSorted());
    asAnother("COMMIT");
    expect(await app.ended(three.id)).toMatchObject({ status: "succeeded", attempts: 1 });
    for (const { id } of [one, two, three]) expect(written(id)?.status).toBe("succeeded");
    expect(timesAtWork()).toBe(3);
    expect(app.logged).toEqual([REPORT("database is locked")]);
  });

  test("an order that finds it so is refused, with the reason", async () => {
    app = await openJobApp();
    await app.ended((await app.order("slow", slow(0))).id);
    asAnother("BEGIN IMMEDIATE");
    expect(await refusal(await app.post("/functions/slow", slow(1), ASYNC))).toEqual([
      503,
      "5",
      "Cannot take the job: quiver.db cannot be written at the moment (database is locked). Nothing has changed; try again shortly.",
    ]);
  });

  test("a call is remembered, and written down when that can be", async () => {
    app = await openJobApp();
    await app.post("/functions/slow", slow(0));
    asAnother("BEGIN IMMEDIATE");
    const response = await app.post("/functions/slow", slow(0));
    const id = response.headers.get("Quiver-Invocation");
    expect([response.status, (await app.get(`/invocations/${id}`)).status]).toEqual([200, 200]);
    asAnother("COMMIT");
    await until(async () => {
      const { invocations } = (await (await app.get("/invocations")).json()) as {
        invocations: { id: string }[];
      };
      return invocations.some((call) => call.id === id);
    });
  });
});

describe("when the disk is full", () => {
  test("a job whose beginning cannot be written down is begun once, goes on, and its end is written later", async () => {
    app = await openJobApp();
    await app.ended((await app.order("slow", slow(0))).id);
    asAnother(
      `CREATE TRIGGER full BEFORE UPDATE ON jobs WHEN NEW.status = 'running'
       BEGIN SELECT RAISE(ABORT, 'database or disk is full'); END`,
    );
    const { id } = await app.order("slow", slow(50));
    expect(await app.job(id)).toMatchObject({ status: "running", attempts: 1 });
    expect(await app.ended(id)).toMatchObject({ status: "succeeded", attempts: 1 });
    await until(() => written(id)?.status === "succeeded");
    expect(timesAtWork()).toBe(2);
    expect(app.logged).toEqual([REPORT("database or disk is full")]);
  });

  test("an order is refused with 507", async () => {
    app = await openJobApp();
    await app.ended((await app.order("slow", slow(0))).id);
    asAnother(
      "CREATE TRIGGER full BEFORE INSERT ON jobs BEGIN SELECT RAISE(ABORT, 'database or disk is full'); END",
    );
    expect(await refusal(await app.post("/functions/slow", slow(0), ASYNC))).toEqual([
      507,
      null,
      "Cannot take the job: quiver.db cannot be written at the moment (database or disk is full). Nothing has changed; try again shortly.",
    ]);
  });
});
