import { rmSync } from "node:fs";
import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { QuiverError } from "../../shared/errors/index.ts";
import { ChildProcess } from "./child-process.ts";
import { LogTail } from "./log-tail.ts";
import { planLaunch } from "./plan-launch.ts";
import type { Launcher } from "./launcher.ts";

/** A child that is ready, with its own fresh output directory. */
export interface StartedChild {
  readonly id: string;
  readonly outDir: string;
  readonly process: ChildProcess;
}

/** How long a child may take to become ready: a hundred times what it takes on an idle machine. */
const START_MS_MAX = 20_000;

/** Starts a child and waits until it is ready. Rejects with `child-start-failed` and what the child printed. */
export async function startChild(launcher: Launcher): Promise<StartedChild> {
  const id = launcher.nextId();
  const outDir = join(launcher.outRoot, id);
  // Asynchronous, because on a busy disk this can take longer than a whole call.
  await mkdir(outDir, { recursive: true });
  try {
    const plan = planLaunch(launcher.built, launcher.access, outDir, launcher.sandbox);
    const init = { outDir, readDirs: launcher.access.readDirs };
    const child = new ChildProcess(plan, init, launcher.reaper);
    launcher.onSpawn(child);
    await whenReady(child);
    child.noteReady();
    return { id, outDir, process: child };
  } catch (error) {
    rmSync(outDir, { recursive: true, force: true });
    throw error;
  }
}

/** Kills a child and removes its output directory; resolves when both are gone. */
export async function discardChild({ process, outDir }: StartedChild): Promise<void> {
  process.kill();
  await process.whenEnded;
  rmSync(outDir, { recursive: true, force: true });
}

function whenReady(child: ChildProcess): Promise<void> {
  const log = new LogTail();
  return new Promise((resolve, reject) => {
    const fail = (what: string) => {
      clearTimeout(timer);
      child.kill();
      const printed = log.text().trim();
      reject(
        new QuiverError(
          "child-start-failed",
          `Cannot start a child process: ${what}.${printed === "" ? "" : ` It printed: ${printed}`}`,
          { what, printed },
        ),
      );
    };
    const timer = setTimeout(() => fail(`it was not ready within ${START_MS_MAX} ms`), START_MS_MAX);
    child.listen({
      line(line) {
        if (line.type !== "ready") return;
        clearTimeout(timer);
        resolve();
      },
      log: (chunk, stream) => void log.add(chunk, stream),
      stray: () => undefined,
      tooLong: () => fail("it wrote an endless line to its control channel"),
      logComplete: () => undefined,
      channelEnded: () => undefined,
      ended: ({ code, signal }) => fail(`it ended with ${signal ?? `code ${code}`} before it was ready`),
    });
  });
}
