import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { get, type IncomingMessage } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { executablePath } from "../../../runtime/platform/executable-path.ts";
import { runtimeName } from "../../../runtime/platform/runtime-facts.ts";

const MiB = 1024 * 1024;
const script = fileURLToPath(new URL("../../fixtures/serve/big-result.ts", import.meta.url));

let dir = "";
let server: ChildProcess;
let url = "";
beforeAll(async () => {
  dir = mkdtempSync(join(tmpdir(), "quiver-big-"));
  const prefix = runtimeName() === "deno" ? ["run", "-A", "--quiet", "--unstable-no-legacy-abort"] : [];
  server = spawn(executablePath(), [...prefix, script, dir], { stdio: ["ignore", "pipe", "inherit"] });
  const [line] = (await once(server.stdout!, "data")) as [Buffer];
  url = `http://127.0.0.1:${String(line).trim()}`;
});
afterAll(() => {
  server.kill("SIGKILL");
  rmSync(dir, { recursive: true, force: true });
});

const facts = async () =>
  (await (await fetch(`${url}/facts`)).json()) as { released: number; peakRss: number; rss: number };

const open = (path = "/result"): Promise<IncomingMessage> =>
  new Promise((resolve, reject) => {
    get(url + path, resolve).on("error", reject);
  });

describe("a result of a gibibyte", () => {
  test("does not pass through the server's memory, and waits for a reader that pauses", async () => {
    const before = await facts();
    const response = await open();
    let byteLength = 0;
    response.on("data", (chunk: Buffer) => {
      byteLength += chunk.length;
    });
    await once(response, "data");
    response.pause();
    await sleep(500);
    const paused = byteLength;
    const during = await facts();
    response.resume();
    await once(response, "end");
    const after = await facts();
    expect(byteLength).toBeGreaterThan(1024 * MiB);
    expect(paused).toBeLessThan(64 * MiB);
    expect(during.peakRss - before.rss).toBeLessThan(128 * MiB);
    expect(after.peakRss - before.rss).toBeLessThan(256 * MiB);
    expect(after.released).toBe(1);
  });

  test("that breaks off half-way is never ended cleanly", async () => {
    const response = await open("/broken");
    response.resume();
    const ended = await Promise.race([
      once(response, "end").then(() => (response.complete ? "cleanly" : "cut")),
      once(response, "error").then(() => "reset"),
      once(response, "aborted").then(() => "reset"),
    ]).catch(() => "reset");
    expect(ended).toBe("reset");
  });

  test("is given back when its reader goes away half-way", async () => {
    const { released } = await facts();
    const response = await open();
    await once(response, "data");
    response.destroy();
    const deadline = Date.now() + 10_000;
    while ((await facts()).released === released && Date.now() < deadline) await sleep(20);
    expect((await facts()).released).toBe(released + 1);
  });
});
