import { describe, expect, test } from "vitest";
import { createSlots } from "../../../runtime/concurrency/create-slots.ts";

describe("createSlots()", () => {
  test("hands places on in the order of asking, whatever fails", async () => {
    const slots = createSlots({ count: 2 });
    const order: number[] = [];
    let running = 0;
    let most = 0;
    const all = await Promise.allSettled(
      Array.from({ length: 20 }, (_, i) =>
        slots.run(async () => {
          order.push(i);
          most = Math.max(most, ++running);
          await Promise.resolve();
          running--;
          if (i % 3 === 0) throw new Error(String(i));
        }),
      ),
    );
    expect(order).toEqual(Array.from({ length: 20 }, (_, i) => i));
    expect(most).toBe(2);
    expect(all.filter((one) => one.status === "rejected")).toHaveLength(7);
  });

  test("never lets a newcomer in while a slot passes to a waiting task", async () => {
    const slots = createSlots({ count: 1 });
    const gate = Promise.withResolvers<void>();
    let running = 0;
    let most = 0;
    const task = async () => {
      most = Math.max(most, ++running);
      await gate.promise;
      await new Promise((resolve) => setImmediate(resolve));
      running--;
    };
    const first = slots.run(() => gate.promise);
    const all = [first, slots.run(task)];
    gate.resolve();
    // The first task ends during these microtasks: a newcomer asks in each of them.
    for (let i = 0; i < 20; i++) {
      all.push(slots.run(task));
      await Promise.resolve();
    }
    await Promise.all(all);
    expect(most).toBe(1);
  });
});

test("createSlots() has who waits with a higher priority before the others", async () => {
  const slots = createSlots({ count: 1 });
  const order: number[] = [];
  const run = (priority: number) => slots.run(async () => void order.push(priority), undefined, priority);
  await Promise.all([-1, -1, -1000, 0, -1, 0].map(run));
  expect(order).toEqual([-1, 0, 0, -1, -1, -1000]);
});
