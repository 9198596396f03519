import { spawn } from "node:child_process";
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterEach, describe, expect, test } from "vitest";
import type { ResultFormat } from "../../../shared/protocol/result.ts";
import type { EngineClient, EngineOptions } from "../../../runtime/engine/engine-client.ts";
import { startEngine } from "../../../runtime/engine/start-engine.ts";
import { executablePath } from "../../../runtime/platform/executable-path.ts";
import { runtimeName } from "../../../runtime/platform/runtime-facts.ts";
import { processesOf } from "../../support/inspect-data-dir.ts";
import { PROJECT } from "../../support/run-quiver.ts";

const roots: string[] = [];
const engines: EngineClient[] = [];

afterEach(async () => {
  for (const engine of engines.splice(0)) await engine.close();
  for (const root of roots.splice(0)) rmSync(root, { recursive: true, force: true });
});

function makeRoot(): string {
  const root = mkdtempSync(join(tmpdir(), "quiver-engine-"));
  roots.push(root);
  return root;
}

function open(settings: Partial<EngineOptions> = {}): EngineClient {
  const root = makeRoot();
  const engine = startEngine({
    role: "sql",
    dataDir: join(root, "data"),
    spoolDir: join(root, "spool"),
    threads: 2,
    ...settings,
  });
  engines.push(engine);
  return engine;
}

function sql(query: string, format: ResultFormat = "csv") {
  return { op: "sql", query, format, rowLimit: null, timeoutMs: 60_000 } as const;
}

/** Some 180 MB as CSV, made as it is read. */
const LARGE = sql("SELECT i, i * 3 AS j FROM range(10000000) t(i)");

async function isGone(pid: number): Promise<boolean> {
  for (let attempt = 0; attempt < 500; attempt++) {
    try {
      process.kill(pid, 0);
    } catch {
      return true;
    }
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
  return false;
}

describe("startEngine()", () => {
  test("answers from another process on the same runtime", async () => {
    const ping = await open().request({ op: "ping" });
    expect(ping.pid).not.toBe(process.pid);
    expect(ping.runtime).toMatch(runtimeName());
    expect(ping.duckdbVersion).toMatch(/^v\d+\.\d+/);
  });

  test.skipIf(process.platform !== "linux")(
    "starts its process with the first request, or when it is told to, where it is to start late (needs /proc)",
    async () => {
      const root = makeRoot();
      const dataDir = join(root, "data");
      const late = open({ dataDir, startsLate: true });
      // What is to be started at once is seen in the same moment.
      expect(processesOf(dataDir)).toEqual([]);
      const { pid } = await late.request({ op: "ping" });
      expect(processesOf(dataDir)).toEqual([pid]);
      const told = open({ dataDir: join(root, "other"), startsLate: true });
      told.start();
      told.start();
      await expect.poll(() => processesOf(join(root, "other"))).toHaveLength(1);
      const [started] = processesOf(join(root, "other"));
      expect((await told.request({ op: "ping" })).pid).toBe(started);
      const closed = open({ dataDir: join(root, "closed"), startsLate: true });
      await closed.close();
      closed.start();
      expect(processesOf(join(root, "closed"))).toEqual([]);
      await expect(closed.request({ op: "ping" })).rejects.toMatchObject({
        code: "stopping",
        message: "Cannot ask the sql engine: it is being stopped.",
      });
    },
  );

  test("streams a body between its head and its end", async () => {
    const { head, body, end } = await open().stream(sql("SELECT 42 AS answer"));
    expect(head).toMatchObject({ format: "csv", mediaType: "text/csv" });
    expect((await new Response(body).text()).split(/\r?\n/)).toEqual(["answer", "42", ""]);
    expect(await end).toBeNull();
  });

  test("rejects with the engine's own error, code and facts kept", async () => {
    await expect(open().stream(sql("DROP TABLE t"))).rejects.toMatchObject({
      name: "QuiverError",
      code: "sql-refused",
      message: expect.stringMatching(/^Cannot run the query: DROP is not a read-only statement/),
    });
  });

  test("names what it serves when asked for something else", async () => {
    await expect(
      open().request({ op: "import", request: { dataset: "bars", files: [] } }),
    ).rejects.toMatchObject({
      code: "engine-failed",
      message: 'Cannot serve "import": this engine process serves ping, format, sql, training-set.',
    });
  });

  test("fails what ran when the engine died, and serves the next request from a new one", async () => {
    const engine = open();
    const { pid } = await engine.request({ op: "ping" });
    const { body, end } = await engine.stream(LARGE);
    const reader = body.getReader();
    await reader.read();
    process.kill(pid, "SIGKILL");
    const died = {
      code: "engine-died",
      message:
        "Cannot finish sql: the sql engine process was killed by SIGKILL. Try again; a new process starts.",
      facts: { role: "sql", op: "sql", how: "was killed by SIGKILL" },
    };
    await expect(end).rejects.toMatchObject(died);
    const drain = async () => {
      while (!(await reader.read()).done);
    };
    await expect(drain()).rejects.toMatchObject(died);
    const next = await engine.request({ op: "ping" });
    expect(next.pid).not.toBe(pid);
  });

  test("replaces an engine that died while nothing was asked of it", async () => {
    const engine = open();
    const { pid } = await engine.request({ op: "ping" });
    process.kill(pid, "SIGKILL");
    expect(await isGone(pid)).toBe(true);
    expect((await engine.request({ op: "ping" })).pid).not.toBe(pid);
  });

  test("cancels a query whose reader goes away, and goes on serving from the same process", async () => {
    const engine = open();
    const { pid } = await engine.request({ op: "ping" });
    const { body, end } = await engine.stream(LARGE);
    const reader = body.getReader();
    await reader.read();
    await reader.cancel();
    await expect(end).rejects.toMatchObject({ name: "AbortError" });
    expect((await engine.request({ op: "ping" })).pid).toBe(pid);
  });

  test("rejects with the reason of the abort, before and during a request", async () => {
    const engine = open();
    const reason = new Error("changed my mind");
    await expect(engine.request({ op: "ping" }, { signal: AbortSignal.abort(reason) })).rejects.toBe(reason);
    const abort = new AbortController();
    const { end } = await engine.stream(LARGE, { signal: abort.signal });
    abort.abort(reason);
    await expect(end).rejects.toBe(reason);
  });

  test.skipIf(!existsSync("/proc/self/io"))(
    "makes no more of a body than its reader takes (needs /proc)",
    async () => {
      const engine = open();
      const { pid } = await engine.request({ op: "ping" });
      const written = () => Number(/wchar: (\d+)/.exec(readFileSync(`/proc/${pid}/io`, "latin1"))?.[1]);
      const before = written();
      const { body, end } = await engine.stream(LARGE);
      await new Promise((resolve) => setTimeout(resolve, 1_000));
      expect(written() - before).toBeLessThan(16_000_000);
      let byteLength = 0;
      for await (const piece of body) byteLength += piece.length;
      expect(byteLength).toBeGreaterThan(150_000_000);
      await end;
    },
  );

  test("listens elsewhere when the spool's path is too long for a socket", async () => {
    const spoolDir = join(makeRoot(), "a".repeat(60), "b".repeat(60));
    const engine = open({ spoolDir });
    expect((await engine.request({ op: "ping" })).pid).toBeGreaterThan(0);
    expect(readdirSync(join(spoolDir, "engine"))).toEqual([]);
  });

  test("removes its socket when it is closed", async () => {
    const spoolDir = join(makeRoot(), "spool");
    const engine = open({ spoolDir });
    await engine.request({ op: "ping" });
    expect(readdirSync(join(spoolDir, "engine"))).toHaveLength(1);
    await engine.close();
    expect(readdirSync(join(spoolDir, "engine"))).toEqual([]);
  });

  test("rejects requests once it is closed, those that run included", async () => {
    const engine = open();
    const { end } = await engine.stream(LARGE);
    const closed = engine.close();
    const stopping = {
      code: "stopping",
      message: "Cannot ask the sql engine: it is being stopped.",
    };
    await expect(end).rejects.toMatchObject(stopping);
    await closed;
    await expect(engine.request({ op: "ping" })).rejects.toMatchObject(stopping);
  });

  test("says why an engine could not start", async () => {
    const spoolDir = join(makeRoot(), "spool");
    const engine = open({ spoolDir, threads: 0 });
    await expect(engine.request({ op: "ping" })).rejects.toMatchObject({
      code: "engine-died",
      message: expect.stringMatching(
        /^Cannot start an engine process: it exited with code 1\. Its last output: (.|\n)*Failed to set config/,
      ),
    });
  });

  test("ends with its parent, however that ends", async () => {
    const root = makeRoot();
    const script = join(root, "parent.ts");
    const module = fileURLToPath(new URL("../../../runtime/engine/start-engine.ts", import.meta.url));
    writeFileSync(
      script,
      `import { startEngine } from ${JSON.stringify(module)};
       const engine = startEngine({ role: "data", dataDir: ${JSON.stringify(root)}, spoolDir: ${JSON.stringify(root)} });
       console.log((await engine.request({ op: "ping" })).pid);
       setInterval(() => {}, 1000);`,
    );
    // A script elsewhere finds the project's packages by its configuration.
    const flags = runtimeName() === "deno" ? ["run", "-A", "--no-lock", `--config=${PROJECT}/deno.json`] : [];
    const parent = spawn(executablePath(), [...flags, script], { stdio: ["ignore", "pipe", "inherit"] });
    const pid = await new Promise<number>((resolve) =>
      parent.stdout.once("data", (data: Buffer) => resolve(Number(data.toString()))),
    );
    expect(pid).toBeGreaterThan(0);
    parent.kill("SIGKILL");
    expect(await isGone(pid)).toBe(true);
  });
});
