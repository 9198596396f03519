import { existsSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import type { ReusableChild } from "../../../runtime/process/child-handle.ts";
import { createReusable, type ReusableOptions } from "../../../runtime/process/create-reusable.ts";
import { runtimeName } from "../../../runtime/platform/runtime-facts.ts";
import { AUTHOR, launchFixture, type FixtureLauncher } from "../../fixtures/processes/launch-fixture.ts";

let fixture: FixtureLauncher;
const children: ReusableChild[] = [];

beforeAll(async () => {
  fixture = await launchFixture();
});

afterEach(async () => {
  for (const child of children.splice(0)) await child.close();
});

afterAll(() => fixture.close());

function reusable(options: Partial<ReusableOptions> = {}): ReusableChild {
  const child = createReusable({ launcher: fixture.launcher, ...options });
  children.push(child);
  return child;
}

const call = (name: string, ...args: readonly unknown[]) => ({ module: AUTHOR, call: name, args });

/** Counts up in the author's module: 1 and 2 in a fresh process, 3 and 4 in one that was asked before. */
async function usesOf(child: ReusableChild): Promise<unknown> {
  const outcome = await child.run(call("provided"));
  return outcome.kind === "ok" && (outcome.reply as { uses: unknown }).uses;
}

describe("createReusable()", () => {
  test("answers many messages with one process", async () => {
    const child = reusable();
    expect(await usesOf(child)).toEqual([1, 2]);
    expect(await usesOf(child)).toEqual([3, 4]);
    expect(fixture.launcher.livePids()).toHaveLength(1);
  });

  test("answers one message at a time, in order", async () => {
    const child = reusable();
    const outcomes = await Promise.all([1, 2, 3, 4].map((value) => child.run(call("echo", value))));
    expect(outcomes.map((outcome) => outcome.kind === "ok" && outcome.reply)).toMatchObject([
      { value: 1 },
      { value: 2 },
      { value: 3 },
      { value: 4 },
    ]);
  });

  test("survives a throw that was awaited", async () => {
    const child = reusable();
    await usesOf(child);
    expect(await child.run(call("throwError"))).toMatchObject({ kind: "threw", name: "RangeError" });
    expect(await usesOf(child)).toEqual([3, 4]);
  });

  test.each([
    ["a throw nobody awaited", "throwLater", "threw", 20_000],
    ["running too long", "spin", "timed-out", 500],
    ["an exit", "exit", "exited", 20_000],
    ["a reply that is no JSON", "replyCircular", "broke-contract", 20_000],
  ])("starts a fresh process after %s", async (_, name, kind, wallTimeMs) => {
    const child = reusable();
    await usesOf(child);
    expect(await child.run(call(name, 0), { wallTimeMs })).toMatchObject({ kind });
    expect(await usesOf(child)).toEqual([1, 2]);
  });

  test("keeps the log of one message apart from the next", async () => {
    const child = reusable();
    const first = await child.run(call("printLines", ["first"]));
    const second = await child.run(call("printLines", ["second"]));
    expect(first.logTail).toContain("first\n");
    expect(second.logTail).toContain("second\n");
    expect(second.logTail).not.toContain("first");
  });

  test("starts a fresh process when it was killed between messages", async () => {
    const child = reusable();
    await usesOf(child);
    for (const pid of fixture.launcher.livePids()) process.kill(pid, "SIGKILL");
    await expectEventually(() => fixture.launcher.livePids().length === 0);
    expect(await usesOf(child)).toEqual([1, 2]);
  });

  test("maps the files of later calls, which author code cannot read by itself on Deno", async () => {
    const child = reusable();
    const rows = join(fixture.spool, "rows");
    const sums: unknown[] = [];
    for (const [index, bytes] of [[1, 2, 3], [40, 50], []].entries()) {
      const path = join(rows, `input-${index}.bin`);
      writeFileSync(path, Uint8Array.from(bytes));
      const outcome = await child.run({ ...call("sumInputs"), inputs: [path], keepMapping: true });
      sums.push(outcome.kind === "ok" ? outcome.reply : outcome);
    }
    expect(sums).toEqual([[6], [90], [0]]);
    const read = await child.run({ ...call("read", join(rows, "input-0.bin")), keepMapping: true });
    const refused = { refused: expect.stringContaining("NotCapable") };
    expect(read).toMatchObject({ kind: "ok", reply: runtimeName() === "deno" ? refused : { value: 3 } });
  });

  test("ends its process when nobody asks for a while, and starts one again", async () => {
    const child = reusable({ idleMs: 50 });
    await usesOf(child);
    await expectEventually(() => fixture.launcher.livePids().length === 0);
    expect(await usesOf(child)).toEqual([1, 2]);
  });

  test("refuses when too many wait", async () => {
    const child = reusable({ waitMax: 1 });
    const first = child.run(call("echo", 1));
    const second = child.run(call("echo", 2));
    await expect(child.run(call("echo", 3))).rejects.toMatchObject({
      code: "children-busy",
      message: "Cannot ask a function's process: 1 callers wait for it already. Try again later.",
    });
    expect(await first).toMatchObject({ kind: "ok" });
    expect(await second).toMatchObject({ kind: "ok" });
  });

  test("removes its directory and refuses once it is closed", async () => {
    const child = reusable();
    const outcome = await child.run(call("echo", 1));
    const outDir = outcome.kind === "ok" ? (outcome.reply as { outDir: string }).outDir : "";
    expect(existsSync(outDir)).toBe(true);
    await child.close();
    await expectEventually(() => !existsSync(outDir));
    await expect(child.run(call("echo", 2))).rejects.toMatchObject({
      code: "stopping",
      message: "Cannot ask a function's process: the server is stopping.",
    });
  });
});

async function expectEventually(condition: () => boolean): Promise<void> {
  const deadline = Date.now() + 10_000;
  while (!condition() && Date.now() < deadline) await new Promise((resolve) => setTimeout(resolve, 10));
  expect(condition()).toBe(true);
}
