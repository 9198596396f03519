import { spawn } from "node:child_process";
import { rmSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import { executablePath } from "../../../runtime/platform/executable-path.ts";
import { runtimeName } from "../../../runtime/platform/runtime-facts.ts";

const PROGRAM = fileURLToPath(new URL("../../fixtures/processes/server-that-dies.ts", import.meta.url));

test.each(["SIGKILL", "SIGTERM"] as const)(
  "children end with a server that ends by %s, even one that spins",
  async (signal) => {
    const args = runtimeName() === "deno" ? ["run", "-A", PROGRAM] : ["run", PROGRAM];
    const server = spawn(executablePath(), args, { stdio: ["ignore", "pipe", "inherit"] });
    const { pids, spool } = await new Promise<Started>((resolve, reject) => {
      server.stdout.once("data", (chunk: Buffer) => resolve(JSON.parse(chunk.toString()) as Started));
      server.once("exit", (code) =>
        reject(new Error(`The server ended with code ${code} before it had children`)),
      );
    });
    expect(pids).toHaveLength(3);
    expect(pids.filter(isAlive)).toEqual(pids);
    server.kill(signal);
    const deadline = Date.now() + 10_000;
    while (pids.some(isAlive) && Date.now() < deadline)
      await new Promise((resolve) => setTimeout(resolve, 20));
    expect(pids.filter(isAlive)).toEqual([]);
    rmSync(spool, { recursive: true, force: true });
  },
);

interface Started {
  readonly pids: readonly number[];
  readonly spool: string;
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}
