import { setTimeout as sleep } from "node:timers/promises";
import { expect, test } from "vitest";
import { shareOpened } from "../../../runtime/embed/share-opened.ts";

/** Opens numbered resources and records what happens, in order. */
function opener(lingerMs: number, failures = 0) {
  const events: string[] = [];
  let opened = 0;
  const shared = shareOpened({
    keyOf: (key: string) => key,
    lingerMs,
    open: async (key) => {
      const number = ++opened;
      events.push(`open ${key}${number}`);
      await sleep(1);
      if (number <= failures) throw new Error(`cannot open ${key}${number}`);
      return {
        name: `${key}${number}`,
        async close() {
          events.push(`closing ${key}${number}`);
          await sleep(20);
          events.push(`closed ${key}${number}`);
        },
      };
    },
  });
  const use = (key: string, milliseconds = 1) =>
    shared.use(key, async ({ name }) => {
      await sleep(milliseconds);
      return name;
    });
  return { use, events };
}

test("calls beside and after each other use the same, others their own", async () => {
  const { use, events } = opener(1_000);
  expect(await Promise.all([use("a"), use("a", 5), use("b")])).toEqual(["a1", "a1", "b2"]);
  expect(await use("a")).toBe("a1");
  await expect
    .poll(() => events)
    .toEqual(["open a1", "open b2", "closing b2", "closing a1", "closed b2", "closed a1"]);
});

test("who comes while it is being closed waits for that and opens it anew", async () => {
  const { use, events } = opener(0);
  await use("a");
  await expect.poll(() => events, { interval: 1 }).toContain("closing a1");
  expect(await use("a")).toBe("a2");
  expect(events.slice(0, 4)).toEqual(["open a1", "closing a1", "closed a1", "open a2"]);
});

test("a call that fails closes nothing under the others, and what cannot be opened is tried again", async () => {
  const { use, events } = opener(0, 1);
  const both = await Promise.allSettled([use("a"), use("a")]);
  expect(both.map((one) => (one.status === "rejected" ? String(one.reason) : one.value))).toEqual([
    "Error: cannot open a1",
    "Error: cannot open a1",
  ]);
  expect(await use("a")).toBe("a2");
  await expect.poll(() => events.at(-1)).toBe("closed a2");
});
