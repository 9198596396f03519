import { existsSync, readdirSync, rmSync } from "node:fs";
import { getPriority } from "node:os";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import type { Pool } from "../../../runtime/process/child-handle.ts";
import { createPool, type PoolOptions } from "../../../runtime/process/create-pool.ts";
import type { Launcher } from "../../../runtime/process/launcher.ts";
import { AUTHOR, launchFixture, type FixtureLauncher } from "../../fixtures/processes/launch-fixture.ts";

let fixture: FixtureLauncher;
const pools: Pool[] = [];

beforeAll(async () => {
  fixture = await launchFixture();
});

afterEach(async () => {
  for (const pool of pools.splice(0)) await pool.close();
});

afterAll(() => fixture.close());

function poolOf(options: Partial<PoolOptions>): Pool {
  const pool = createPool({ launcher: fixture.launcher, size: 2, ...options });
  pools.push(pool);
  return pool;
}

async function until(condition: () => boolean): Promise<void> {
  const deadline = Date.now() + 20_000;
  while (!condition()) {
    if (Date.now() > deadline) throw new Error(`Still not so after 20 s: ${condition.toString()}`);
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}

const echo = (value: unknown) => ({ module: AUTHOR, call: "echo", args: [value] });
const spin = { module: AUTHOR, call: "spin" };

describe("createPool()", () => {
  test("starts children ahead of need, and not more than its size", async () => {
    const pool = poolOf({ size: 3 });
    await until(() => pool.stats().idle === 3);
    expect(pool.stats()).toEqual({ idle: 3, starting: 0, running: 0, waiting: 0 });
  });

  test("starts none before somebody wants one, where it has to ask for what starts them", async () => {
    let asked = 0;
    const launcher = () => {
      asked += 1;
      return Promise.resolve(fixture.launcher);
    };
    const unwanted = poolOf({ launcher });
    await unwanted.close();
    expect(asked).toBe(0);
    await expect(unwanted.acquire()).rejects.toMatchObject({ code: "stopping" });
    const filled = poolOf({ launcher, size: 1 });
    filled.fill();
    await until(() => filled.stats().idle === 1);
    const wanted = poolOf({ launcher, size: 1 });
    expect(await (await wanted.acquire()).run(echo(1))).toMatchObject({ kind: "ok" });
  });

  test("tells who waits that what starts children cannot be had, and asks again for the next one", async () => {
    let fails = true;
    const launcher = () =>
      fails ? Promise.reject(new Error("the disk is full")) : Promise.resolve(fixture.launcher);
    const pool = poolOf({ launcher, size: 1, retryMs: 1 });
    await expect(pool.acquire()).rejects.toMatchObject({
      code: "child-start-failed",
      message: "Cannot start a child process: the disk is full",
    });
    fails = false;
    expect(await (await pool.acquire()).run(echo(1))).toMatchObject({ kind: "ok" });
  });

  test("gives every caller a process and a directory of its own", async () => {
    const pool = poolOf({ size: 2 });
    const seen = await Promise.all(
      Array.from({ length: 6 }, async (_, index) => {
        const child = await pool.acquire();
        const outcome = await child.run(echo(index));
        expect(outcome).toMatchObject({ kind: "ok", reply: { value: index, outDir: child.outDir } });
        return child;
      }),
    );
    expect(new Set(seen.map((child) => child.pid)).size).toBe(6);
    expect(new Set(seen.map((child) => child.outDir)).size).toBe(6);
    for (const child of seen) expect(existsSync(child.outDir)).toBe(true);
  });

  test("fills the place of a child that was killed while idle", async () => {
    const { outRoot } = fixture.launcher;
    const before = new Set(readdirSync(outRoot));
    const pool = poolOf({ size: 1 });
    await until(() => pool.stats().idle === 1);
    const [directory = ""] = readdirSync(outRoot).filter((name) => !before.has(name));
    const startedBefore = fixture.launcher.startedCount();
    for (const pid of fixture.launcher.livePids()) process.kill(pid, "SIGKILL");
    await until(() => pool.stats().idle === 1 && fixture.launcher.startedCount() === startedBefore + 1);
    expect(existsSync(join(outRoot, directory))).toBe(false);
    expect(await (await pool.acquire()).run(echo(1))).toMatchObject({ kind: "ok" });
  });

  test("removes the directory of a child that was never used, and keeps that of one that was", async () => {
    const pool = poolOf({ size: 2 });
    const unused = await pool.acquire();
    const used = await pool.acquire();
    await used.run(echo(1));
    await unused.release();
    await until(() => !existsSync(unused.outDir));
    expect(existsSync(used.outDir)).toBe(true);
    expect(() => unused.run(echo(1))).toThrow(
      `Child ${unused.id} was used already: a one-shot child runs once`,
    );
  });

  test("serves who waits by priority, then by who came first", async () => {
    const pool = poolOf({ size: 1 });
    const first = await pool.acquire();
    const order: string[] = [];
    const wait = async (name: string, priority: number) => {
      const child = await pool.acquire({ priority });
      order.push(name);
      await child.release();
    };
    const waiting = [wait("low", 0), wait("high", 5), wait("low too", 0), wait("high too", 5)];
    await first.release();
    await Promise.all(waiting);
    expect(order).toEqual(["high", "high too", "low", "low too"]);
  });

  test("leaves its last child to a caller who waits, however much background work there is", async () => {
    const pool = poolOf({ size: 2 });
    await until(() => pool.stats().idle === 2);
    const background = await pool.acquire({ priority: -1 });
    const served: string[] = [];
    const second = pool.acquire({ priority: -1 }).then((child) => {
      served.push("background");
      return child;
    });
    const caller = await pool.acquire();
    served.push("caller");
    expect(pool.stats()).toMatchObject({ idle: 0, running: 2, waiting: 1 });
    await Promise.all([caller.release(), background.release()]);
    await (await second).release();
    expect(served).toEqual(["caller", "background"]);
  });

  test.skipIf(process.platform !== "linux")("has background work give way to callers who wait", async () => {
    const pool = poolOf({ size: 2 });
    const child = await pool.acquire({ priority: -1 });
    expect(getPriority(child.pid)).toBe(5);
    await child.release();
  });

  test("gives background work its only child", async () => {
    const pool = poolOf({ size: 1 });
    const child = await pool.acquire({ priority: -1 });
    expect(await child.run(echo(1))).toMatchObject({ kind: "ok" });
  });

  test("refuses a caller when its queue is full", async () => {
    const pool = poolOf({ size: 1, waitMax: 1 });
    const held = await pool.acquire();
    const waiting = pool.acquire();
    await expect(pool.acquire()).rejects.toMatchObject({
      code: "children-busy",
      message:
        "Cannot start a function: all 1 child processes are busy and 1 callers wait already. Try again later, or raise --children-max or --queue-size-max.",
    });
    await held.release();
    await (await waiting).release();
  });

  test("lets a caller give up waiting, and serves the next", async () => {
    const pool = poolOf({ size: 1 });
    const held = await pool.acquire();
    const aborting = new AbortController();
    const gaveUp = pool.acquire({ signal: aborting.signal });
    const next = pool.acquire();
    aborting.abort();
    await expect(gaveUp).rejects.toThrow(
      "Cannot start a function: its caller gave up while it waited for a child process.",
    );
    await held.release();
    expect(await (await next).run(echo(2))).toMatchObject({ kind: "ok" });
  });

  test("tells who waits why no child can be had, and recovers", async () => {
    const { outRoot } = fixture.launcher;
    const unbuilt = { ...fixture.launcher.built, entry: join(outRoot, "absent.js") };
    let broken = true;
    const launcher: Launcher = {
      ...fixture.launcher,
      get built() {
        return broken ? unbuilt : fixture.launcher.built;
      },
    };
    const pool = poolOf({ launcher, size: 1, startsMax: 1, retryMs: 20 });
    await expect(pool.acquire()).rejects.toMatchObject({
      code: "child-start-failed",
      message: expect.stringMatching(
        /^Cannot start a child process: it ended with code \d+ before it was ready\. It printed: .*absent\.js/s,
      ),
    });
    broken = false;
    await until(() => pool.stats().idle === 1);
    expect(await (await pool.acquire()).run(echo(3))).toMatchObject({ kind: "ok" });
  });

  test("kills what runs when it is closed, and refuses who comes or waits", async () => {
    const pool = poolOf({ size: 1 });
    const child = await pool.acquire();
    const running = child.run(spin);
    const waiting = pool.acquire();
    const refused = expect(waiting).rejects.toMatchObject({ code: "stopping" });
    await pool.close();
    await refused;
    expect(await running).toMatchObject({ kind: "exited", signal: "SIGKILL" });
    await expect(pool.acquire()).rejects.toMatchObject({
      code: "stopping",
      message: "Cannot start a function: the server is stopping.",
    });
    expect(pool.stats()).toMatchObject({ idle: 0, starting: 0, running: 0, waiting: 0 });
  });

  test.skipIf(process.platform !== "linux")("leaves nothing in the system's table of processes", async () => {
    const pool = poolOf({ size: 4 });
    const pids: number[] = [];
    await Promise.all(
      Array.from({ length: 20 }, async (_, index) => {
        const child = await pool.acquire();
        pids.push(child.pid);
        await (index % 2 === 0 ? child.run(echo(index)) : child.release());
      }),
    );
    await pool.close();
    // Not even as a zombie, of which process 1 would have to dispose.
    expect(pids.filter((pid) => existsSync(`/proc/${pid}`))).toEqual([]);
  });

  test("keeps the machine's processes at its size under many callers", async () => {
    const pool = poolOf({ size: 3 });
    let most = 0;
    await Promise.all(
      Array.from({ length: 30 }, async (_, index) => {
        const child = await pool.acquire();
        const { idle, starting, running } = pool.stats();
        most = Math.max(most, idle + starting + running);
        expect(await child.run(echo(index))).toMatchObject({ kind: "ok" });
        rmSync(child.outDir, { recursive: true });
      }),
    );
    expect(most).toBe(3);
  });
});
