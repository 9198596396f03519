import { spawn, type ChildProcess } from "node:child_process";
import { mkdirSync, mkdtempSync, readdirSync, rmSync } from "node:fs";
import { availableParallelism, tmpdir, totalmem } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { QuiverError } from "../../shared/errors/index.ts";
import { executablePath } from "../platform/executable-path.ts";
import { runtimeName } from "../platform/runtime-facts.ts";
import { PART_ROWS } from "../load/fill/cut-rows.ts";
import { ENGINE_READY, type EngineArguments } from "./engine-arguments.ts";
import type { EngineOptions } from "./engine-client.ts";
import { isProcessAlive } from "./is-process-alive.ts";

/** A running engine process. */
export interface EngineProcess {
  readonly socketPath: string;
  readonly pid: number;
  /** Resolves with the way it ended: `exited with code 1`, `was killed by SIGKILL`. */
  readonly ended: Promise<string>;
  /** Kills it and waits for its end. */
  kill(): Promise<void>;
}

/** The address of a Unix socket holds 104 bytes on macOS and 108 on Linux, including the final zero. */
const SOCKET_PATH_BYTES_MAX = 100;
const START_TIMEOUT_MS = 20_000;

/** Starts an engine process on the same runtime as this process, and resolves once it listens. */
export async function spawnEngine(options: EngineOptions): Promise<EngineProcess> {
  const socketDir = makeSocketDir(options.spoolDir);
  const engineArguments: EngineArguments = {
    role: options.role,
    dataDir: options.dataDir,
    spoolDir: options.spoolDir,
    socketPath: join(socketDir, "engine"),
    threads: options.threads ?? availableParallelism(),
    partRows: options.partRows ?? PART_ROWS,
    memoryLimitBytes: options.memoryLimitBytes ?? Math.floor(Math.min(totalmem() * 0.25, 2 ** 31)),
  };
  const main = fileURLToPath(new URL("./engine-main.ts", import.meta.url));
  const flags = runtimeName() === "deno" ? ["run", "--allow-all", "--no-prompt", "--no-lock"] : [];
  const child = spawn(executablePath(), [...flags, main, JSON.stringify(engineArguments)], {
    stdio: ["pipe", "pipe", "pipe"],
  });
  // `ended` reports its death; a write to a dead engine's input must not end this process.
  child.stdin.on("error", () => undefined);
  const log = keepLast(options.onLog);
  createInterface({ input: child.stderr }).on("line", (line) => log.add(line));
  const ended = endOf(child).finally(() => rmSync(socketDir, { recursive: true, force: true }));
  const kill = async () => {
    child.kill("SIGKILL");
    await ended;
  };
  try {
    await readyOf(child, ended, log);
  } catch (error) {
    await kill();
    throw error;
  }
  return { socketPath: engineArguments.socketPath, pid: child.pid ?? -1, ended, kill };
}

/** Makes a folder that is named after this process, and removes those of processes that no longer exist. */
function makeSocketDir(spoolDir: string): string {
  const parent = join(spoolDir, "engine");
  mkdirSync(parent, { recursive: true });
  for (const name of readdirSync(parent)) {
    if (!isProcessAlive(Number.parseInt(name, 10)))
      rmSync(join(parent, name), { recursive: true, force: true });
  }
  const inSpool = mkdtempSync(join(parent, `${process.pid}-`));
  if (Buffer.byteLength(join(inSpool, "engine")) <= SOCKET_PATH_BYTES_MAX) return inSpool;
  rmSync(inSpool, { recursive: true });
  return mkdtempSync(join(tmpdir(), "quiver-"));
}

function endOf(child: ChildProcess): Promise<string> {
  return new Promise((resolve) => {
    child.once("error", (error) => resolve(`could not be started (${error.message})`));
    child.once("exit", (code, signal) =>
      resolve(signal === null ? `exited with code ${code}` : `was killed by ${signal}`),
    );
  });
}

async function readyOf(child: ChildProcess, ended: Promise<string>, log: Log): Promise<void> {
  const lines = child.stdout === null ? undefined : createInterface({ input: child.stdout });
  const ready = new Promise<undefined>((resolve) =>
    lines?.on("line", (line) => {
      if (line === ENGINE_READY) resolve(undefined);
      else log.add(line);
    }),
  );
  const closed = new Promise<void>((resolve) => child.once("close", () => resolve()));
  let timer: ReturnType<typeof setTimeout> | undefined;
  const late = new Promise<string>((resolve) => {
    timer = setTimeout(() => resolve(`did not answer within ${START_TIMEOUT_MS / 1000} s`), START_TIMEOUT_MS);
  });
  const failure = await Promise.race([ready, ended, late]).finally(() => clearTimeout(timer));
  if (failure === undefined) return;
  // Its last lines may arrive after the news of its end.
  await Promise.race([closed, new Promise((resolve) => setTimeout(resolve, 1_000))]);
  throw new QuiverError(
    "engine-died",
    `Cannot start an engine process: it ${failure}. Its last output: ${log.text() || "none"}`,
    { how: failure },
  );
}

interface Log {
  add(line: string): void;
  text(): string;
}

/** Passes lines on and keeps the last few for the message of a failed start. */
function keepLast(onLog: ((text: string) => void) | undefined): Log {
  const lines: string[] = [];
  return {
    add(line) {
      lines.push(line);
      if (lines.length > 20) lines.shift();
      onLog?.(line);
    },
    text: () => lines.join("\n"),
  };
}
