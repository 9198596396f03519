import { type ChildProcess, spawn } from "node:child_process";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const PROJECT = fileURLToPath(new URL("../../..", import.meta.url));
const START_MS_MAX = 60_000;
const STOP_MS_MAX = 20_000;
const LOG_LENGTH_MAX = 2_000;
const ANSWER_MS_MAX = 10 * 60_000;

/** A real server in a process of its own, on loopback. */
export interface QuiverServer {
  readonly url: string;
  /** Of the server itself, not of what started it. */
  readonly pid: number;
  /** Sends JSON; gives the answer, or throws what the server said was wrong. */
  post(path: string, body: unknown, headers?: Readonly<Record<string, string>>): Promise<Response>;
  stop(): Promise<void>;
}

export interface ServerOptions {
  readonly dataDir: string;
  readonly functionsDir?: string;
  readonly runtime?: "bun" | "deno";
  /** Where Quiver's sources lie; these when left out. */
  readonly projectDir?: string;
  /** Settings as flags. */
  readonly flags?: readonly string[];
  readonly signal: AbortSignal;
}

/** Starts `quiver start` and waits until it is ready, its engine included. */
export async function startServer(options: ServerOptions): Promise<QuiverServer> {
  const { dataDir, functionsDir, runtime = "bun", projectDir = PROJECT, flags = [], signal } = options;
  const settings = [
    "--data",
    dataDir,
    "--port",
    "0",
    "--threads",
    "2",
    ...(functionsDir === undefined ? [] : ["--functions", functionsDir]),
    ...flags,
  ];
  const process = spawnQuiver(["start", "--json", ...settings], { runtime, projectDir }, signal);
  const errors = collect(process.stderr);
  const { url, pid } = await announced(process);
  const post = async (path: string, body: unknown, headers: Readonly<Record<string, string>> = {}) => {
    const response = await fetch(`${url}${path}`, {
      method: "POST",
      headers: { "content-type": "application/json", ...headers },
      body: JSON.stringify(body),
      signal: AbortSignal.any([signal, AbortSignal.timeout(ANSWER_MS_MAX)]),
      // Bun gives up after five minutes otherwise.
      timeout: false,
    } as RequestInit);
    if (!response.ok) {
      const text = await response.text();
      throw new Error(
        `POST ${path} was answered ${response.status}: ${text}\n${errors().slice(-LOG_LENGTH_MAX)}`,
      );
    }
    return response;
  };
  const server = { url, pid, post, stop: () => stop(process) };
  try {
    await untilReady(url, signal);
    return server;
  } catch (error) {
    await server.stop();
    throw error;
  }
}

/** Its first children take a moment. */
async function untilReady(url: string, signal: AbortSignal): Promise<void> {
  const startedAt = performance.now();
  for (;;) {
    const ready = await fetch(`${url}/readyz`, { signal });
    const text = await ready.text();
    if (ready.ok) return;
    if (performance.now() - startedAt > START_MS_MAX) throw new Error(`The server is not ready: ${text}`);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

/** Runs a command of Quiver to its end and gives what it printed. */
export async function runQuiver(
  args: readonly string[],
  signal: AbortSignal,
  { runtime = "bun", projectDir = PROJECT }: Partial<WhichQuiver> = {},
): Promise<string> {
  const process = spawnQuiver(args, { runtime, projectDir }, signal);
  const [out, errors] = [collect(process.stdout), collect(process.stderr)];
  const code = await new Promise<number | null>((resolve, reject) => {
    process.once("error", reject);
    process.once("close", (exitCode) => resolve(exitCode));
  });
  if (code !== 0) throw new Error(`quiver ${args[0] ?? ""} ended with code ${code}: ${errors()}${out()}`);
  return out();
}

type WhichQuiver = Required<Pick<ServerOptions, "runtime" | "projectDir">>;

function spawnQuiver(
  args: readonly string[],
  { runtime, projectDir }: WhichQuiver,
  signal: AbortSignal,
): ChildProcess {
  const cli = join(projectDir, "runtime", "cli", "quiver.mjs");
  return spawn("node", [cli, ...args, "--runtime", runtime], {
    stdio: ["ignore", "pipe", "pipe"],
    signal,
    killSignal: "SIGTERM",
  });
}

function collect(stream: NodeJS.ReadableStream | null): () => string {
  let text = "";
  stream?.on("data", (chunk: Buffer) => (text += chunk.toString("utf8")));
  return () => text;
}

function announced(process: ChildProcess): Promise<{ url: string; pid: number }> {
  const [out, errors] = [collect(process.stdout), collect(process.stderr)];
  return new Promise((resolve, reject) => {
    const fail = (what: string) => {
      clearTimeout(timer);
      process.kill("SIGTERM");
      reject(new Error(`The server ${what}: ${errors()}${out()}`));
    };
    const timer = setTimeout(() => fail("did not start in time"), START_MS_MAX);
    process.once("error", (error) => fail(error.message));
    process.once("exit", (code) => fail(`ended with code ${code}`));
    process.stdout?.on("data", () => {
      const line = out().split("\n", 1)[0] ?? "";
      if (!out().includes("\n")) return;
      clearTimeout(timer);
      process.removeAllListeners("exit");
      const facts = JSON.parse(line) as { url: string; pid: number };
      resolve(facts);
    });
  });
}

async function stop(process: ChildProcess): Promise<void> {
  if (process.exitCode !== null || process.signalCode !== null) return;
  const ended = new Promise<void>((resolve) => process.once("exit", () => resolve()));
  process.kill("SIGTERM");
  const timer = setTimeout(() => process.kill("SIGKILL"), STOP_MS_MAX);
  await ended;
  clearTimeout(timer);
}
