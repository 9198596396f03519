import { describe, expect, test } from "vitest";
import { lazily } from "../../../runtime/concurrency/lazily.ts";

describe("lazily()", () => {
  test("makes it once, for all who ask, and not before", async () => {
    let made = 0;
    const lazy = lazily(() => Promise.resolve(++made));
    expect([made, lazy.peek(), lazy.begun()]).toEqual([0, undefined, undefined]);
    expect(await Promise.all([lazy.get(), lazy.get()])).toEqual([1, 1]);
    expect(await lazy.get()).toBe(1);
    expect([made, lazy.peek()]).toEqual([1, 1]);
    expect(await lazy.begun()).toBe(1);
  });

  test("tells all who asked why it failed, and tries again for the next", async () => {
    let fails = true;
    const lazy = lazily(() => (fails ? Promise.reject(new Error("no room")) : Promise.resolve("made")));
    const both = await Promise.allSettled([lazy.get(), lazy.get()]);
    expect(both.map((result) => result.status === "rejected" && String(result.reason))).toEqual([
      "Error: no room",
      "Error: no room",
    ]);
    expect([lazy.peek(), lazy.begun()]).toEqual([undefined, undefined]);
    fails = false;
    expect(await lazy.get()).toBe("made");
  });
});
