import { readdirSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Outcome } from "../../../shared/protocol/outcome.ts";
import type { Pool, RunOptions } from "../../../runtime/process/child-handle.ts";
import { createPool } from "../../../runtime/process/create-pool.ts";
import type { Limits } from "../../../runtime/process/limits.ts";
import { runtimeName } from "../../../runtime/platform/runtime-facts.ts";
import { AUTHOR, launchFixture, type FixtureLauncher } from "../../fixtures/processes/launch-fixture.ts";

const MiB = 1024 * 1024;
let fixture: FixtureLauncher;
let pool: Pool;

beforeAll(async () => {
  fixture = await launchFixture();
  pool = createPool({ launcher: fixture.launcher, size: 3 });
});

afterAll(async () => {
  await pool.close();
  await fixture.close();
});

async function call(
  name: string,
  args: readonly unknown[] = [],
  limits: Partial<Limits> = {},
  options: RunOptions = {},
): Promise<Outcome> {
  const child = await pool.acquire();
  return child.run({ module: AUTHOR, call: name, args }, { wallTimeMs: 30_000, ...limits }, options);
}

/** The outcome without what differs from run to run. */
function ending(outcome: Outcome): unknown {
  const { durationMs, peakMemoryBytes, logTail, logBytes, ...rest } = outcome;
  expect(durationMs).toBeGreaterThanOrEqual(0);
  expect(peakMemoryBytes).toBeGreaterThan(0);
  expect(logBytes).toBeGreaterThanOrEqual(0);
  expect(typeof logTail).toBe("string");
  return rest;
}

/** Whatever happened before, an ordinary call must succeed. */
async function expectUnaffected(): Promise<void> {
  const child = await pool.acquire();
  const outcome = await child.run({ module: AUTHOR, call: "echo", args: ["next"] });
  expect(ending(outcome)).toEqual({ kind: "ok", reply: { value: "next", outDir: child.outDir } });
}

describe("run()", () => {
  test("gives the reply, and a fresh empty directory that outlives the child", async () => {
    const child = await pool.acquire();
    expect(readdirSync(child.outDir)).toEqual([]);
    const outcome = await child.run({ module: AUTHOR, call: "writeOutput", args: [10] });
    expect(ending(outcome)).toEqual({ kind: "ok", reply: "written" });
    expect(readdirSync(join(child.outDir, "deep"))).toEqual(["part.bin"]);
  });

  test("maps inputs, whose bytes a handler may overwrite for itself alone", async () => {
    const path = join(fixture.spool, "rows", "input.bin");
    const empty = join(fixture.spool, "rows", "empty.bin");
    writeFileSync(path, Uint8Array.from([1, 2, 3]));
    writeFileSync(empty, "");
    const run = async (name: string) =>
      ending(await (await pool.acquire()).run({ module: AUTHOR, call: name, inputs: [path, empty] }));
    expect(await run("writeInput")).toEqual({ kind: "ok", reply: 255 });
    expect(await run("sumInputs")).toEqual({ kind: "ok", reply: [6, 0] });
  });

  test("refuses to map once privileges are dropped", async () => {
    const path = join(fixture.spool, "rows", "late.bin");
    writeFileSync(path, "bytes");
    const outcome = await call("mapLate", [path]);
    expect(outcome).toMatchObject({
      kind: "threw",
      message: `Cannot map ${path}: privileges have been dropped, and files must be mapped before that.`,
    });
  });

  test("lets an author's module import the child's own instances", async () => {
    expect(ending(await call("provided"))).toEqual({
      kind: "ok",
      reply: { uses: [1, 2], count: 2, parsed: { a: 1 } },
    });
  });

  test("replies null where a handler returns nothing", async () => {
    expect(ending(await call("replyNothing"))).toEqual({ kind: "ok", reply: null });
  });

  test("passes progress on in order, before the outcome", async () => {
    const seen: unknown[] = [];
    const outcome = await call("progress", [], {}, { onProgress: (value) => seen.push(value) });
    expect(ending(outcome)).toEqual({ kind: "ok", reply: "done" });
    expect(seen).toEqual([{ step: 1 }, { step: 2 }, { step: 3 }]);
  });

  test("keeps what was printed, and passes it on as it comes", async () => {
    const seen: string[] = [];
    const onLog = (text: string, stream: string) => seen.push(`${stream}:${text}`);
    const outcome = await call("printLines", [["first", "zweite ünïcode 行"]], {}, { onLog });
    expect(outcome.kind).toBe("ok");
    expect(outcome.logTail).toContain("first\nzweite ünïcode 行\n");
    expect(outcome.logTail).toContain("to stderr\n");
    expect(outcome.logTail).not.toContain("end of log");
    expect(seen.join("")).toContain("stderr:to stderr\n");
  });

  test("refuses to run the same child twice", async () => {
    const child = await pool.acquire();
    await child.run({ module: AUTHOR, call: "echo" });
    expect(() => child.run({ module: AUTHOR, call: "echo" })).toThrow(
      `Child ${child.id} was used already: a one-shot child runs once`,
    );
  });
});

describe("a child that throws", () => {
  test("ends as threw, with name, message and stack", async () => {
    const outcome = await call("throwError");
    expect(outcome).toMatchObject({
      kind: "threw",
      name: "RangeError",
      message: "the period is longer than the series",
    });
    expect(outcome.kind === "threw" && outcome.stack).toContain("author.js");
  });

  test("may throw something that is no Error", async () => {
    expect(await call("throwText")).toMatchObject({
      kind: "threw",
      name: "NonError",
      message: "string was thrown: plain words",
    });
  });

  test("may throw something that throws when it is looked at", async () => {
    expect(await call("throwHostile")).toMatchObject({
      kind: "threw",
      message: "something was thrown that cannot be described",
    });
  });

  test("may reject", async () => {
    expect(await call("reject")).toMatchObject({ kind: "threw", name: "TypeError", message: "rejected" });
  });

  test("may leave a rejection unhandled", async () => {
    expect(await call("unhandled")).toMatchObject({ kind: "threw", message: "nobody awaited this" });
  });

  test("may throw from a timer", async () => {
    const outcome = await call("throwLater");
    expect(outcome).toMatchObject({ kind: "threw", message: "thrown by a timer" });
    expect(outcome.kind === "threw" && outcome.stack).toContain("author.js");
  });

  test("leaves the next call unaffected", expectUnaffected);
});

describe("a child that does not end", () => {
  test("ends as timed-out when it spins", async () => {
    const outcome = await call("spin", [], { wallTimeMs: 300 });
    expect(ending(outcome)).toEqual({ kind: "timed-out", limitMs: 300 });
    expect(outcome.durationMs).toBeGreaterThanOrEqual(290);
  });

  test("ends as timed-out when it never replies", async () => {
    expect(ending(await call("never", [], { wallTimeMs: 300 }))).toEqual({ kind: "timed-out", limitMs: 300 });
  });

  test("ends as timed-out when it ignores SIGTERM", async () => {
    expect(ending(await call("ignoreSigterm", [], { wallTimeMs: 300 }))).toEqual({
      kind: "timed-out",
      limitMs: 300,
    });
  });

  test("ends as broke-contract when nothing is left that could settle it", async () => {
    expect(ending(await call("stuck"))).toEqual({
      kind: "broke-contract",
      reason: "its handler never settled, and nothing was left that could settle it",
    });
  });

  test("ends as cancelled when its caller gives up", async () => {
    const aborting = new AbortController();
    setTimeout(() => aborting.abort(new Error("the client went away")), 100);
    expect(ending(await call("spin", [], {}, { signal: aborting.signal }))).toEqual({
      kind: "cancelled",
      reason: "the client went away",
    });
  });

  test("ends as cancelled when its caller gave up before", async () => {
    const signal = AbortSignal.abort(new Error("gone already"));
    expect(ending(await call("echo", [], {}, { signal }))).toEqual({
      kind: "cancelled",
      reason: "gone already",
    });
  });

  test("leaves the next call unaffected", expectUnaffected);
});

describe("a child that uses too much", () => {
  test("ends as out-of-memory at its limit when it allocates without end", async () => {
    const outcome = await call("allocate", [], { memoryBytes: 256 * MiB });
    expect(ending(outcome)).toEqual({ kind: "out-of-memory", by: "limit", limitBytes: 256 * MiB });
    expect(outcome.peakMemoryBytes).toBeGreaterThan(256 * MiB);
  });

  test("ends as out-of-memory at its limit when its heap grows", async () => {
    const outcome = await call("growHeap", [], { memoryBytes: 300 * MiB });
    expect(ending(outcome)).toEqual({ kind: "out-of-memory", by: "limit", limitBytes: 300 * MiB });
  });

  test("ends as broke-contract when it prints 100 MB, of which the tail is kept", async () => {
    const outcome = await call("print", [100 * MiB], { logBytes: 16 * MiB });
    expect(ending(outcome)).toEqual({
      kind: "broke-contract",
      reason: "it printed more than 16777216 bytes, the limit for its log",
    });
    expect(outcome.logTail).toHaveLength(65_536);
  });

  test("may print as much as its limit allows, without stopping in a full pipe", async () => {
    const outcome = await call("print", [8 * MiB], { logBytes: 16 * MiB });
    expect(ending(outcome)).toEqual({ kind: "ok", reply: "printed" });
    expect(outcome.logBytes).toBeGreaterThanOrEqual(8 * MiB);
  });

  const tooMuchOutput = {
    kind: "broke-contract",
    reason: "it wrote more than 1048576 bytes, the limit for its output",
  };

  test("ends as broke-contract when it writes a huge file", async () => {
    expect(ending(await call("writeForever", [], { outputBytes: MiB }))).toEqual(tooMuchOutput);
  });

  test("ends as broke-contract when it wrote too much and answered before anybody looked", async () => {
    expect(ending(await call("writeOutput", [2 * MiB], { outputBytes: MiB }))).toEqual(tooMuchOutput);
  });

  test("ends as broke-contract when it makes a sparse file that claims too much", async () => {
    expect(ending(await call("writeSparse", [2 * MiB], { outputBytes: MiB }))).toEqual(tooMuchOutput);
  });

  test("leaves the next call unaffected", expectUnaffected);
});

describe("a child that ends by itself", () => {
  test("ends as exited with code 0", async () => {
    expect(ending(await call("exit", [0]))).toEqual({ kind: "exited", code: 0, signal: null });
  });

  test("ends as exited with its code", async () => {
    expect(ending(await call("exit", [3]))).toEqual({ kind: "exited", code: 3, signal: null });
  });

  test("ends as exited with a signal when it aborts", async () => {
    const outcome = await call("abort");
    expect(outcome.kind).toBe("exited");
    expect(outcome.kind === "exited" && (outcome.signal ?? outcome.code)).toBeTruthy();
  });

  test("ends as exited with a signal when the system kills it", async () => {
    const child = await pool.acquire();
    const outcome = child.run({ module: AUTHOR, call: "spin" });
    setTimeout(() => process.kill(child.pid, "SIGKILL"), 100);
    expect(ending(await outcome)).toEqual({ kind: "exited", code: null, signal: "SIGKILL" });
  });

  test("leaves the next call unaffected", expectUnaffected);
});

describe("a child that meddles with its channel", () => {
  test("is not believed when it writes to it, and its real answer is", async () => {
    expect(ending(await call("garbage"))).toEqual({ kind: "ok", reply: "real" });
  });

  test("ends as broke-contract when it floods it", async () => {
    expect(ending(await call("flood", [], { memoryBytes: 4096 * MiB }))).toEqual({
      kind: "broke-contract",
      reason: "it wrote an endless line to its control channel",
    });
  });

  test("ends as broke-contract when it closes it", async () => {
    expect(ending(await call("closeChannel"))).toEqual({
      kind: "broke-contract",
      reason: "it closed its control channel",
    });
  });

  test("still answers when it closed its output", async () => {
    expect(ending(await call("closeOutput"))).toEqual({ kind: "ok", reply: "silent" });
  });

  test("still answers when it replaced JSON and Buffer", async () => {
    expect(ending(await call("tamper"))).toEqual({ kind: "ok", reply: "untampered" });
  });

  test("ends as broke-contract when its reply has no form in JSON", async () => {
    expect(ending(await call("replyFunction"))).toEqual({
      kind: "broke-contract",
      reason: "its reply cannot be written as JSON (a function or a symbol)",
    });
    expect(await call("replyCircular")).toMatchObject({
      kind: "broke-contract",
      reason: expect.stringMatching(/^its reply cannot be written as JSON: .*(cyclic|circular)/),
    });
  });

  test("leaves the next call unaffected", expectUnaffected);
});

// Starting a process is refused to author code on Deno: there is nothing to be cleaned up.
describe.skipIf(runtimeName() === "deno")("a child that starts processes", () => {
  // In its own group only a process namespace holds it.
  const detached = () => fixture.launcher.isolation.descendants === "all-killed";

  test.each([
    ["answers", "fork", { kind: "ok", reply: "forked" }, 20_000],
    ["is killed", "forkAndSpin", { kind: "timed-out", limitMs: 3_000 }, 3_000],
    ["exits", "forkAndExit", { kind: "exited", code: 5, signal: null }, 20_000],
  ])("takes them with it when it %s", async (_, name, expected, wallTimeMs) => {
    const child = await pool.acquire();
    const message = { module: AUTHOR, call: name, args: [detached()] };
    expect(ending(await child.run(message, { wallTimeMs }))).toEqual(expected);
    await expectNobodyWrites(join(child.outDir, "alive"));
  });

  test.skipIf(process.platform !== "linux")(
    "takes those that left its group with it when it is killed without a process namespace",
    async () => {
      const plain = await launchFixture({ namespaces: "none" });
      const unprotected = createPool({ launcher: plain.launcher, size: 1 });
      try {
        const child = await unprotected.acquire();
        const message = { module: AUTHOR, call: "forkAndSpin", args: [true] };
        expect(ending(await child.run(message, { wallTimeMs: 3_000 }))).toMatchObject({ kind: "timed-out" });
        await expectNobodyWrites(join(child.outDir, "alive"));
      } finally {
        await unprotected.close();
        await plain.close();
      }
    },
  );

  test("is measured together with them", async () => {
    const child = await pool.acquire();
    const alone = await (await pool.acquire()).run({ module: AUTHOR, call: "spin" }, { wallTimeMs: 3_000 });
    const message = { module: AUTHOR, call: "forkAndSpin", args: [false] };
    const together = await child.run(message, { wallTimeMs: 3_000 });
    expect(together.peakMemoryBytes).toBeGreaterThan(alone.peakMemoryBytes + MiB);
  });

  test("leaves the next call unaffected", expectUnaffected);
});

/** A killed process may finish the write it is in; after that the file must not grow. */
async function expectNobodyWrites(path: string): Promise<void> {
  await new Promise((resolve) => setTimeout(resolve, 100));
  const before = statSync(path).size;
  expect(before).toBeGreaterThan(0);
  await new Promise((resolve) => setTimeout(resolve, 200));
  expect(statSync(path).size).toBe(before);
}
