import { expect, test } from "vitest";
import { createProgressMeter } from "../../../runtime/jobs/progress-meter.ts";
import { jobEvents } from "../../../runtime/routes/job-events.ts";

const progress = (rowsDone: number, rowsFound = 0) => ({
  stage: "f",
  partitionsDone: 1,
  partitionCount: 4,
  rowsDone,
  rowCount: 1_000,
  rowsFound,
});

test("createProgressMeter() tells the rate of what was computed, not of what was there from before", () => {
  const meter = createProgressMeter();
  meter.note(progress(0), 10_000);
  expect(meter.rate(10_500)).toEqual({ rowsPerSecond: null, secondsLeft: null });
  meter.note(progress(500, 500), 10_001);
  expect(meter.rate(10_500)).toEqual({ rowsPerSecond: null, secondsLeft: null });
  meter.note(progress(700, 500), 12_000);
  expect(meter.rate(12_000)).toEqual({ rowsPerSecond: 100, secondsLeft: 3 });
  // Between two partitions the time left goes on passing, but never below nothing.
  expect(meter.rate(13_500)).toEqual({ rowsPerSecond: 100, secondsLeft: 1.5 });
  expect(meter.rate(60_000)).toEqual({ rowsPerSecond: 100, secondsLeft: 0 });
});

test("jobEvents() shows that it is still there while nothing changes, and ends what it watches", async () => {
  const aborted: boolean[] = [];
  async function* watch(signal: AbortSignal) {
    yield { status: "running" };
    await new Promise<void>((resolve) => {
      signal.addEventListener("abort", () => {
        aborted.push(true);
        resolve();
      });
    });
  }
  const events = jobEvents({ watch, hasEnded: () => false, heartbeatMs: 1 })[Symbol.asyncIterator]();
  const next = async () => new TextDecoder().decode((await events.next()).value);
  expect(await next()).toBe('id: 1\nevent: progress\ndata: {"status":"running"}\n\n');
  expect(await next()).toBe(": still there\n\n");
  expect(await next()).toBe(": still there\n\n");
  await events.return?.();
  expect(aborted).toEqual([true]);
  expect(await events.next()).toEqual({ done: true, value: undefined });
});
