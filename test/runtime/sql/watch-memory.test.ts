import { expect, test } from "vitest";
import { watchMemory } from "../../../runtime/sql/watch-memory.ts";

test("watchMemory() tells once that the limit is exceeded, and not before", async () => {
  const readings = [10, 100, 101, 102];
  const told: number[] = [];
  watchMemory(
    100,
    (bytes) => told.push(bytes),
    () => readings.shift() ?? 0,
  );
  await expect.poll(() => told).toEqual([101]);
  await new Promise((resolve) => setTimeout(resolve, 300));
  expect(told).toEqual([101]);
  expect(readings).toEqual([102]);
});

test("watchMemory() reads the memory of this process, and can be stopped", async () => {
  const told: number[] = [];
  const stop = watchMemory(1, (bytes) => told.push(bytes));
  await expect.poll(() => told.length).toBe(1);
  expect(told[0]).toBeGreaterThan(10_000_000);
  stop();
  let readings = 0;
  const stopAtOnce = watchMemory(
    1,
    () => undefined,
    () => ++readings,
  );
  stopAtOnce();
  await new Promise((resolve) => setTimeout(resolve, 300));
  expect(readings).toBe(0);
});
