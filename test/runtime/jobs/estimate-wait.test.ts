import { expect, test } from "vitest";
import { estimateWaitMs } from "../../../runtime/jobs/estimate-wait.ts";

const silent = (elapsedMs: number) => ({ elapsedMs, leftMs: null });

// Once it was the last job's time: after a failure of a millisecond a second, while jobs of 20 s filled the queue.
test("estimateWaitMs() is not moved by one job that failed at once", () => {
  const recent = [20_000, 21_000, 1, 19_000, 20_000];
  expect(estimateWaitMs(recent, [silent(5_000), silent(8_000)])).toBe(11_000);
  expect(estimateWaitMs([1], [silent(10_000), silent(12_000)])).toBe(10_000);
});

test("estimateWaitMs() goes by what running jobs tell of their progress, the first to end", () => {
  expect(estimateWaitMs([1_000], [{ elapsedMs: 90_000, leftMs: 30_000 }, silent(90_000)])).toBe(30_000);
  expect(
    estimateWaitMs([20_000, 20_000, 20_000], [{ elapsedMs: 1_000, leftMs: 40_000 }, silent(15_000)]),
  ).toBe(5_000);
});

test("estimateWaitMs() doubles what takes longer than others did, and stays between a second and a minute", () => {
  expect(estimateWaitMs([20_000, 20_000, 20_000], [silent(30_000)])).toBe(30_000);
  expect(estimateWaitMs([20_000], [silent(3_600_000)])).toBe(60_000);
  expect(estimateWaitMs([10, 10, 10], [])).toBe(1_000);
  expect(estimateWaitMs([], [])).toBe(5_000);
  expect(estimateWaitMs([], [silent(0)])).toBe(5_000);
});
