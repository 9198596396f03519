import { expect, test } from "vitest";
import { createKeyedLock } from "../../../runtime/concurrency/keyed-lock.ts";
import { LruMap } from "../../../runtime/concurrency/lru-map.ts";

test("createKeyedLock() runs what has one key in order, whatever fails, and other keys beside", async () => {
  const lock = createKeyedLock();
  const events: string[] = [];
  const work =
    (name: string, fails = false) =>
    async () => {
      events.push(`start ${name}`);
      await new Promise((resolve) => setImmediate(resolve));
      events.push(`end ${name}`);
      if (fails) throw new Error(name);
      return name;
    };
  const all = await Promise.allSettled([
    lock.run("a", work("a1", true)),
    lock.run("a", work("a2")),
    lock.run("b", work("b1")),
  ]);
  expect(all.map((one) => (one.status === "fulfilled" ? one.value : String(one.reason)))).toEqual([
    "Error: a1",
    "a2",
    "b1",
  ]);
  expect(events.indexOf("start b1")).toBeLessThan(events.indexOf("end a1"));
  expect(events.indexOf("start a2")).toBeGreaterThan(events.indexOf("end a1"));
});

test("LruMap forgets what was not asked for longest, and tells", () => {
  const evicted: number[] = [];
  const map = new LruMap<string, number>(2, (value) => evicted.push(value));
  map.set("a", 1);
  map.set("b", 2);
  map.get("a");
  map.set("c", 3);
  expect(evicted).toEqual([2]);
  expect(map.values()).toEqual([1, 3]);
  map.delete("a");
  map.set("d", 4);
  expect(evicted).toEqual([2]);
});
