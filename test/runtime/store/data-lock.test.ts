import { spawn } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterEach, describe, expect, test } from "vitest";
import { executablePath } from "../../../runtime/platform/executable-path.ts";
import { runtimeName } from "../../../runtime/platform/runtime-facts.ts";
import { lockDataDir, lockOwner } from "../../../runtime/store/data-lock.ts";

const dirs: string[] = [];
afterEach(() => {
  for (const dir of dirs.splice(0)) rmSync(dir, { recursive: true, force: true });
});

function freshDir(): string {
  const dir = mkdtempSync(join(tmpdir(), "quiver-lock-"));
  dirs.push(dir);
  return dir;
}

/** Another process that holds the lock until it is killed. */
async function holder(dataDir: string) {
  const module = fileURLToPath(new URL("../../../runtime/store/data-lock.ts", import.meta.url));
  const script = join(freshDir(), "hold.ts");
  writeFileSync(
    script,
    `const { lockDataDir } = await import(${JSON.stringify(module)});
     const lock = await lockDataDir(${JSON.stringify(dataDir)}, "import", 0);
     console.log("held"); setInterval(() => lock, 1000);`,
  );
  // The script lies outside the project, whose packages it needs all the same.
  const config = fileURLToPath(new URL("../../../deno.json", import.meta.url));
  const prefix = runtimeName() === "deno" ? ["run", "-A", `--config=${config}`] : [];
  const child = spawn(executablePath(), [...prefix, script], { stdio: ["ignore", "pipe", "inherit"] });
  await new Promise<void>((resolve, reject) => {
    child.stdout.on("data", () => {
      resolve();
    });
    child.on("exit", () => {
      reject(new Error("the holder ended"));
    });
  });
  return {
    pid: child.pid,
    kill: () =>
      new Promise<void>((resolve) => {
        child.on("exit", () => {
          resolve();
        });
        child.kill("SIGKILL");
      }),
  };
}

describe("lockDataDir()", () => {
  test("refuses a second process, names the first, and is free once that one is killed", async () => {
    const dataDir = freshDir();
    const other = await holder(dataDir);
    await expect(lockDataDir(dataDir, "publish", 0)).rejects.toThrow(
      `Cannot write to the data directory ${dataDir}: process ${other.pid} (quiver import) is writing to it. Wait for it or stop it, or give another directory with --data.`,
    );
    expect(lockOwner(dataDir)).toEqual({ pid: other.pid, command: "import" });
    await other.kill();
    expect(lockOwner(dataDir)).toBeUndefined();
    const lock = await lockDataDir(dataDir, "publish", 0);
    lock.release();
  });

  test("waits for the one who holds it", async () => {
    const dataDir = freshDir();
    const other = await holder(dataDir);
    const waiting = lockDataDir(dataDir, "publish", 30_000);
    await other.kill();
    (await waiting).release();
  });

  test("makes the directory, and can be taken again after release", async () => {
    const dataDir = join(freshDir(), "deep", "data");
    for (let round = 0; round < 3; round++) (await lockDataDir(dataDir, "import", 0)).release();
  });

  test("refuses a directory that cannot be", async () => {
    const file = join(freshDir(), "file");
    writeFileSync(file, "");
    await expect(lockDataDir(join(file, "data"), "import", 0)).rejects.toThrow(
      /^Cannot write to the data directory .*: .*not a directory.*\. Give another with --data, or change its permissions\.$/i,
    );
  });
});
