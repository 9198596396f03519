import { describe, expect, test } from "vitest";
import { createWaitingLine } from "../../../runtime/concurrency/waiting-line.ts";

describe("createWaitingLine()", () => {
  test("serves higher priorities first, and equal ones in the order they came", async () => {
    const line = createWaitingLine<string>();
    const order: string[] = [];
    const waits = [
      [0, "a"],
      [-1, "b"],
      [0, "c"],
      [5, "d"],
    ] as const;
    const all = waits.map(async ([priority, name]) =>
      order.push(`${name} ${await line.wait(priority, undefined)}`),
    );
    expect([line.length, line.nextPriority]).toEqual([4, 5]);
    expect(["1st", "2nd", "3rd", "4th", "5th"].map((turn) => line.serve(turn))).toEqual([
      true,
      true,
      true,
      true,
      false,
    ]);
    await Promise.all(all);
    expect(order.toSorted()).toEqual(["a 2nd", "b 4th", "c 3rd", "d 1st"]);
    expect([line.length, line.nextPriority]).toEqual([0, undefined]);
  });

  test("rejects a caller that gives up with its reason, and serves the next one instead", async () => {
    const line = createWaitingLine<string>();
    const caller = new AbortController();
    const first = line.wait(1, caller.signal);
    const second = line.wait(0, undefined);
    caller.abort(new Error("gone home"));
    await expect(first).rejects.toThrow("gone home");
    expect(line.length).toBe(1);
    line.serve("yours");
    expect(await second).toBe("yours");
  });

  test("keeps what was handed over when the caller gives up afterwards", async () => {
    const line = createWaitingLine<string>(() => new Error("never"));
    const caller = new AbortController();
    const waiting = line.wait(0, caller.signal);
    line.serve("mine");
    caller.abort();
    expect(await waiting).toBe("mine");
  });

  test("rejects everyone in it when it closes, those that give up later once only", async () => {
    const line = createWaitingLine<string>();
    const caller = new AbortController();
    const all = Promise.allSettled([line.wait(0, caller.signal), line.wait(1, undefined)]);
    line.refuseAll(new Error("closed"));
    caller.abort(new Error("too late"));
    expect((await all).map((one) => (one.status === "rejected" ? String(one.reason) : one.status))).toEqual([
      "Error: closed",
      "Error: closed",
    ]);
    expect([line.length, line.serve("nobody")]).toEqual([0, false]);
  });
});
