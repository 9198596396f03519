import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { expect, test } from "vitest";
import { runtimeName } from "../../../runtime/platform/runtime-facts.ts";
import { PROJECT } from "../../support/run-quiver.ts";

/** The real Node: under test, Bun puts its own `node` first in the path. */
const node = (process.env["PATH"] ?? "")
  .split(delimiter)
  .filter((folder) => !folder.includes("bun-node"))
  .map((folder) => join(folder, "node"))
  .find((path) => existsSync(path));

// `npm start` was ended by SIGTERM and its server went on without it, holding the data directory: npm passes the signal
// to a shell, which dies of it and tells nobody.
test.skipIf(node === undefined || process.platform === "win32")(
  "npm start: the server stops with the shell that npm runs it in (skipped without Node)",
  async () => {
    const root = mkdtempSync(join(tmpdir(), "quiver-launcher-"));
    const launcher = join(PROJECT, "runtime", "cli", "quiver.mjs");
    // A second command keeps the shell from becoming the first.
    const line = `"${node}" "${launcher}" start --port 0 --json --data "${join(root, "data")}"; true`;
    const shell = spawn("/bin/sh", ["-c", line], {
      env: { ...process.env, QUIVER_RUNTIME: runtimeName(), npm_lifecycle_event: "start" },
      stdio: ["ignore", "pipe", "pipe"],
    });
    let server = 0;
    try {
      const [chunk] = (await once(shell.stdout, "data")) as [Buffer];
      const { url, pid } = JSON.parse(chunk.toString()) as { url: string; pid: number };
      server = pid;
      expect((await fetch(`${url}/healthz`)).status).toBe(200);
      process.kill(shell.pid ?? 0, "SIGTERM");
      const serverFile = join(root, "data", "server.json");
      await waitFor(() => !existsSync(serverFile) && !isAlive(pid));
    } finally {
      shell.kill("SIGKILL");
      if (server !== 0 && isAlive(server)) process.kill(server, "SIGKILL");
      rmSync(root, { recursive: true, force: true });
    }
  },
  60_000,
);

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

async function waitFor(condition: () => boolean): Promise<void> {
  const deadline = Date.now() + 30_000;
  while (!condition()) {
    if (Date.now() > deadline) throw new Error("the server goes on without its shell");
    await sleep(50);
  }
}
