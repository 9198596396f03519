import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { createSchedule } from "../../../runtime/schedule/create-schedule.ts";
import type { Clock } from "../../../runtime/schedule/clock.ts";
import type { RunChange, RunEntry } from "../../../runtime/schedule/run-entry.ts";
import type { Schedule } from "../../../runtime/schedule/schedule.ts";
import { openScheduleRecords } from "../../../runtime/schedule/schedule-records.ts";

let root = "";
let opened: Schedule[] = [];
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), "quiver-schedule-"));
  opened = [];
});
afterEach(() => {
  for (const schedule of opened) schedule.close();
  rmSync(root, { recursive: true, force: true });
});

/** A clock that is set by the test. */
function handClock(start: string) {
  let now = new Date(start);
  let timers: { at: number; callback: () => void }[] = [];
  const clock: Clock = {
    now: () => now,
    after(milliseconds, callback) {
      const timer = { at: now.getTime() + milliseconds, callback };
      timers.push(timer);
      return () => {
        timers = timers.filter((one) => one !== timer);
      };
    },
  };
  /** Goes on to a time, each timer on its way. */
  async function until(time: string): Promise<void> {
    const end = new Date(time);
    for (;;) {
      await settle();
      const [next] = timers.filter(({ at }) => at <= end.getTime()).toSorted((a, b) => a.at - b.at);
      if (next === undefined) break;
      timers = timers.filter((one) => one !== next);
      now = new Date(Math.max(now.getTime(), next.at));
      next.callback();
    }
    now = end;
    await settle();
  }
  /** As a machine that slept: what was to happen meanwhile happens now. */
  async function sleepUntil(time: string): Promise<void> {
    now = new Date(time);
    await until(time);
  }
  return { clock, until, sleepUntil };
}

const settle = () => new Promise<void>((resolve) => setImmediate(resolve));

/** A schedule over a real file and a real database, whose runs last until the test ends them. */
function scheduleOf(entries: readonly object[], clock: Clock) {
  const file = join(root, "schedule.json");
  const functions = join(root, "functions");
  mkdirSync(functions, { recursive: true });
  const write = (content: readonly object[]) => {
    writeFileSync(file, JSON.stringify({ entries: content }));
  };
  write(entries);
  const started: string[] = [];
  const running: { end: (change: RunChange) => void; signal: AbortSignal }[] = [];
  const reports: string[] = [];
  const run: RunEntry = (entry, { dueAt, job }, onChange, signal) => {
    started.push(`${entry.name} ${dueAt}${job === null ? "" : ` goes on with ${job}`}`);
    onChange({ job: job ?? `job-${started.length}` });
    return new Promise((resolve) => {
      running.push({ end: resolve, signal });
      signal.addEventListener("abort", () => {
        resolve(undefined);
      });
    });
  };
  const schedule = createSchedule({
    file,
    isNamed: false,
    zoneOf: () => "UTC",
    functionNames: () => Promise.resolve(["rsi-macd"]),
    datasetNames: () => ["demo"],
    check: () => Promise.resolve(),
    openRecords: () => openScheduleRecords(join(root, "quiver.db")),
    hasRecords: () => true,
    run,
    report: (message) => reports.push(message),
    clock,
  });
  opened.push(schedule);
  const end = async (change: RunChange = { outcome: "ok", version: "v" }) => {
    running.shift()?.end(change);
    await settle();
  };
  return { schedule, started, running, reports, end, write };
}

const HOURLY = { name: "hourly", cron: "0 * * * *", function: "rsi-macd" };

describe("a schedule that is started", () => {
  // What was due took the server down where quiver.db could not be written.
  test("begins what is due as soon as that can be written down", async () => {
    const { clock, until } = handClock("2026-01-05T08:59:00Z");
    const { schedule, started, reports, end } = scheduleOf([HOURLY], clock);
    await schedule.start();
    const other = new DatabaseSync(join(root, "quiver.db"));
    other.exec("BEGIN IMMEDIATE");
    await until("2026-01-05T09:00:06Z");
    expect([started, new Set(reports)]).toEqual([
      [],
      new Set(["Schedule hourly: cannot begin what is due (database is locked); tried again"]),
    ]);
    other.exec("COMMIT");
    await until("2026-01-05T09:00:12Z");
    expect(started).toEqual(["hourly 2026-01-05T09:00:00.000Z"]);
    // A run that ends meanwhile is noted later.
    other.exec("BEGIN IMMEDIATE");
    await end();
    other.exec("COMMIT");
    other.close();
    await expect
      .poll(async () => (await schedule.view()).entries[0]?.last)
      .toMatchObject({ outcome: "ok", job: "job-1", version: "v" });
  });

  test("runs an entry when it is due, and tells when it will be again", async () => {
    const { clock, until } = handClock("2026-01-05T08:30:00Z");
    const { schedule, started, end } = scheduleOf([HOURLY], clock);
    await schedule.start();
    await until("2026-01-05T08:59:59Z");
    expect(started).toEqual([]);
    await until("2026-01-05T09:00:00Z");
    expect(started).toEqual(["hourly 2026-01-05T09:00:00.000Z"]);
    expect((await schedule.view()).entries[0]?.last).toMatchObject({
      outcome: null,
      job: "job-1",
      dueCount: 1,
    });
    await until("2026-01-05T09:10:00Z");
    await end();
    const { running, entries } = await schedule.view();
    expect(running).toBe(true);
    expect(entries).toEqual([
      {
        name: "hourly",
        cron: "0 * * * *",
        zone: "UTC",
        missed: "run-once",
        functions: ["rsi-macd"],
        dataset: null,
        next: ["2026-01-05T10:00:00.000Z", "2026-01-05T11:00:00.000Z", "2026-01-05T12:00:00.000Z"],
        last: {
          entry: "hourly",
          dueAt: "2026-01-05T09:00:00.000Z",
          dueCount: 1,
          startedAt: "2026-01-05T09:00:00.000Z",
          endedAt: "2026-01-05T09:10:00.000Z",
          outcome: "ok",
          message: null,
          job: "job-1",
          version: "v",
        },
      },
    ]);
    await until("2026-01-05T10:00:00Z");
    expect(started.length).toBe(2);
  });

  test("never runs an entry twice at once: what became due meanwhile is made up for once", async () => {
    const { clock, until } = handClock("2026-01-05T08:30:00Z");
    const { schedule, started, end } = scheduleOf([HOURLY, { ...HOURLY, name: "other" }], clock);
    await schedule.start();
    await until("2026-01-05T12:10:00Z");
    expect(started).toEqual(["hourly 2026-01-05T09:00:00.000Z", "other 2026-01-05T09:00:00.000Z"]);
    await end();
    expect(started.slice(2)).toEqual(["hourly 2026-01-05T12:00:00.000Z"]);
    expect((await schedule.view()).entries[0]?.last).toMatchObject({ dueCount: 3 });
  });

  test("leaves out what became due meanwhile where the policy is to skip, and says so", async () => {
    const { clock, until } = handClock("2026-01-05T08:30:00Z");
    const { schedule, started, end, reports } = scheduleOf([{ ...HOURLY, missed: "skip" }], clock);
    await schedule.start();
    await until("2026-01-05T12:10:00Z");
    await end();
    expect(started.length).toBe(1);
    expect((await schedule.view()).entries[0]?.last).toMatchObject({ outcome: "missed", dueCount: 3 });
    expect(reports).toEqual([
      "Schedule hourly: 3 times missed, the last at 2026-01-05T12:00:00.000Z; skipped, as its policy says",
    ]);
    await until("2026-01-05T13:00:00Z");
    expect(started[1]).toBe("hourly 2026-01-05T13:00:00.000Z");
  });

  test.each([
    ["run-once", ["hourly 2026-01-05T11:00:00.000Z"]],
    ["skip", []],
  ])("after the machine has slept does as %s says", async (missed, expected) => {
    const { clock, sleepUntil } = handClock("2026-01-05T08:30:00Z");
    const { schedule, started } = scheduleOf([{ ...HOURLY, missed }], clock);
    await schedule.start();
    await sleepUntil("2026-01-05T11:30:00Z");
    expect(started).toEqual(expected);
  });

  test.each([
    ["run-once", ["hourly 2026-01-06T08:00:00.000Z"]],
    ["skip", []],
  ])("after the server was down does as %s says", async (missed, expected) => {
    const first = handClock("2026-01-05T08:30:00Z");
    const before = scheduleOf([{ ...HOURLY, missed }], first.clock);
    await before.schedule.start();
    before.schedule.close();
    const second = handClock("2026-01-06T08:30:00Z");
    const after = scheduleOf([{ ...HOURLY, missed }], second.clock);
    await after.schedule.start();
    expect(after.started).toEqual(expected);
  });

  test("has missed nothing of what is new, or due at other times than before", async () => {
    const first = handClock("2026-01-05T08:30:00Z");
    await scheduleOf([HOURLY], first.clock).schedule.start();
    opened.pop()?.close();
    const second = handClock("2026-01-06T08:30:00Z");
    const { schedule, started } = scheduleOf(
      [
        { ...HOURLY, cron: "15 * * * *" },
        { ...HOURLY, name: "new" },
      ],
      second.clock,
    );
    await schedule.start();
    expect(started).toEqual([]);
  });

  test("goes on with the job that the last server had begun, and does not begin it anew", async () => {
    const first = handClock("2026-01-05T08:59:00Z");
    const before = scheduleOf([HOURLY, { ...HOURLY, name: "gone" }], first.clock);
    await before.schedule.start();
    await first.until("2026-01-05T09:00:00Z");
    before.schedule.close();
    expect(before.running.every(({ signal }) => signal.aborted)).toBe(true);
    const second = handClock("2026-01-05T09:20:00Z");
    const after = scheduleOf([HOURLY], second.clock);
    await after.schedule.start();
    expect(after.started).toEqual(["hourly 2026-01-05T09:00:00.000Z goes on with job-1"]);
    await after.end();
    await second.until("2026-01-05T09:59:00Z");
    expect(after.started.length).toBe(1);
    const records = openScheduleRecords(join(root, "quiver.db"));
    expect(records.unfinished()).toEqual([]);
    expect(records.last("gone")).toMatchObject({
      outcome: "stopping",
      message: "The server stopped while it ran, and it is no longer scheduled.",
    });
    records.close();
  });

  test("tells of a run that failed, and runs again when it is due", async () => {
    const { clock, until } = handClock("2026-01-05T08:59:00Z");
    const { schedule, started, end, reports } = scheduleOf([HOURLY], clock);
    await schedule.start();
    await until("2026-01-05T09:00:00Z");
    await end({ outcome: "function-threw", message: "It threw." });
    expect(reports).toEqual(["Schedule hourly: It threw."]);
    expect((await schedule.view()).entries[0]?.last).toMatchObject({
      outcome: "function-threw",
      message: "It threw.",
    });
    await until("2026-01-05T10:00:00Z");
    expect(started.length).toBe(2);
  });

  test("takes an edit of its file, and goes on as before where that is wrong", async () => {
    const { clock, until } = handClock("2026-01-05T08:30:00Z");
    const { schedule, started, write, reports, end } = scheduleOf([HOURLY], clock);
    await schedule.start();
    write([{ ...HOURLY, cron: "never" }]);
    await until("2026-01-05T09:00:00Z");
    expect(reports[0]).toMatch(
      /^Cannot use the schedule .*schedule\.json\. Cannot read the cron expression "never" of the entry "hourly": expected five fields .* The previous schedule stays in effect\.$/,
    );
    expect((await schedule.view()).problem).toBe(reports[0]);
    expect(started.length).toBe(1);
    // The run under way keeps the changed entry of the same name waiting.
    write([{ ...HOURLY, cron: "*/10 * * * *" }]);
    await until("2026-01-05T09:15:00Z");
    expect(started.length).toBe(1);
    await end();
    expect(started[1]).toBe("hourly 2026-01-05T09:10:00.000Z");
    expect((await schedule.view()).problem).toBeNull();
    expect(reports[1]).toMatch(/^Schedule: .*schedule\.json has changed, 1 entries$/);
  });

  test("is refused where its file is wrong", async () => {
    const { clock } = handClock("2026-01-05T08:30:00Z");
    const { schedule, started } = scheduleOf([{ ...HOURLY, function: "rsi" }], clock);
    await expect(schedule.start()).rejects.toMatchObject({
      code: "schedule-invalid",
      facts: { entry: "hourly", field: "function" },
    });
    expect(started).toEqual([]);
  });
});
