import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import {
  JOB_LOG_LENGTH_MAX,
  type JobRecord,
  type JobRecords,
  openJobRecords,
} from "../../../runtime/store/job-records.ts";

const record = (id: string, changes: Partial<JobRecord> = {}): JobRecord => ({
  id,
  status: "queued",
  kind: "publish",
  function: "rsi-macd",
  dataset: "demo",
  request: { function: "rsi-macd" },
  body: null,
  isSmall: false,
  recompute: false,
  priority: 0,
  idempotencyKey: null,
  requestHash: "ab",
  createdAt: "2024-03-01T00:00:00.000Z",
  startedAt: null,
  endedAt: null,
  attempts: 0,
  crashes: 0,
  cancelRequested: false,
  progress: null,
  error: null,
  result: null,
  ...changes,
});

describe("openJobRecords()", () => {
  let dir = "";
  let records: JobRecords;
  const open = (keepMax = 100) => openJobRecords(join(dir, "quiver.db"), keepMax);
  beforeEach(() => {
    dir = mkdtempSync(join(tmpdir(), "quiver-records-"));
    records = open();
  });
  afterEach(() => {
    records.close();
    rmSync(dir, { recursive: true });
  });

  test("gives the job whose turn it is: the highest priority, then the oldest", () => {
    for (const [id, priority] of [
      ["a", 0],
      ["b", 5],
      ["c", 5],
      ["d", -1],
    ] as const)
      records.add(record(id, { priority }));
    expect(["a", "b", "c", "d"].map((id) => records.countBefore(id))).toEqual([2, 0, 1, 3]);
    const turns: string[] = [];
    const nextOf = () => records.next({ isSmall: false });
    for (let next = nextOf(); next !== undefined; next = nextOf()) {
      turns.push(next.id);
      records.save({ ...next, status: "running" });
    }
    expect(turns).toEqual(["b", "c", "a", "d"]);
    expect(records.count("running")).toBe(4);
  });

  test("gives small jobs apart from the others, of a priority and but for those that are named", () => {
    for (const [id, isSmall, priority] of [
      ["a", false, 9],
      ["b", true, 0],
      ["c", true, 5],
    ] as const)
      records.add(record(id, { isSmall, priority }));
    // As an earlier version of Quiver wrote them.
    const { isSmall: _, ...old } = record("d");
    records.add(old as JobRecord);
    expect(["a", "b", "c", "d"].map((id) => records.countBefore(id))).toEqual([0, 1, 0, 1]);
    expect([
      records.next({ isSmall: true })?.id,
      records.next({ isSmall: true, except: ["c"] })?.id,
      records.next({ isSmall: true, abovePriority: 5 }),
      records.next({ isSmall: false, abovePriority: 8 })?.id,
      records.next({ isSmall: false, except: ["a"] })?.id,
    ]).toEqual(["c", "b", undefined, "a", "d"]);
  });

  test("is what it was after the process that wrote it is gone", () => {
    records.add(record("a", { idempotencyKey: "k" }));
    records.appendLog("a", "one\n");
    records.close();
    records = open();
    expect(records.findByKey("k")).toEqual(record("a", { idempotencyKey: "k" }));
    expect(records.log("a")).toBe("one\n");
    expect([records.find("b"), records.findByKey("other"), records.log("b")]).toEqual([
      undefined,
      undefined,
      "",
    ]);
  });

  test("keeps one job for a key", () => {
    records.add(record("a", { idempotencyKey: "k" }));
    expect(() => records.add(record("b", { idempotencyKey: "k" }))).toThrow(/UNIQUE/);
  });

  test("lists the newest first, by status and function", () => {
    records.add(record("a"));
    records.add(record("b", { function: "returns" }));
    records.add(record("c", { status: "failed" }));
    const ids = (filter: object) => records.list({ limit: 10, ...filter }).map(({ id }) => id);
    expect(ids({})).toEqual(["c", "b", "a"]);
    expect(ids({ status: "queued" })).toEqual(["b", "a"]);
    expect(ids({ function: "returns" })).toEqual(["b"]);
    expect(ids({ limit: 1 })).toEqual(["c"]);
  });

  test("keeps the end of a long log", () => {
    records.add(record("a"));
    records.appendLog("a", "x".repeat(JOB_LOG_LENGTH_MAX));
    records.appendLog("a", "the end");
    expect(records.log("a")).toHaveLength(JOB_LOG_LENGTH_MAX);
    expect(records.log("a").endsWith("xthe end")).toBe(true);
  });

  test("forgets the oldest that have ended, and none that has not", () => {
    for (const [id, status] of [
      ["a", "queued"],
      ["b", "succeeded"],
      ["c", "running"],
      ["d", "failed"],
    ] as const)
      records.add(record(id, { status }));
    records.close();
    records = open(1);
    expect(records.list({ limit: 10 }).map(({ id }) => id)).toEqual(["d", "c", "a"]);
  });
});
