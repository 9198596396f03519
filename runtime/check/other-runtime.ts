import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, statSync } from "node:fs";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { z } from "zod";
import { runtimeName } from "../platform/runtime-facts.ts";

/** A server of Quiver on the runtime that this process is not. */
export interface OtherRuntime {
  readonly name: "bun" | "deno";
  /** Answers a request as a server does; the path begins with a slash. */
  readonly fetch: (path: string, init: RequestInit) => Promise<Response>;
  close(): Promise<void>;
}

const Announced = z.object({ url: z.string() });
/** The last of what a server that does not start says. */
const SAID_LENGTH_MAX = 2000;
const START_MS_MAX = 60_000;

/** Starts it on a data directory of its own; undefined where the other runtime is not installed. */
export async function startOtherRuntime(data: string, functions: string): Promise<OtherRuntime | undefined> {
  const name = runtimeName() === "bun" ? "deno" : "bun";
  const binary = binaryOf(name);
  if (binary === undefined) return undefined;
  const main = fileURLToPath(new URL("../main.ts", import.meta.url));
  const config = fileURLToPath(new URL("../../deno.json", import.meta.url));
  const prefix = name === "deno" ? ["run", "-A", "--quiet", `--config=${config}`] : [];
  const flags = [
    "start",
    "--json",
    "--port",
    "0",
    "--data",
    data,
    "--functions",
    functions,
    "--children-max",
    "3",
  ];
  const child = spawn(binary, [...prefix, main, ...flags], { stdio: ["ignore", "pipe", "pipe"] });
  const url = await announced(child, name);
  return {
    name,
    fetch: (path, init) => fetch(`${url}${path}`, init),
    async close() {
      if (child.exitCode !== null || child.signalCode !== null) return;
      const ended = once(child, "exit");
      child.kill("SIGTERM");
      await ended;
    },
  };
}

/** The address in the first line that it prints. */
async function announced(child: ChildProcess, name: string): Promise<string> {
  if (child.stdout === null || child.stderr === null)
    throw new Error("The other runtime was started without a pipe");
  let said = "";
  child.stderr.on("data", (chunk: Buffer) => {
    said = `${said}${chunk.toString()}`.slice(-SAID_LENGTH_MAX);
  });
  const lines = createInterface({ input: child.stdout });
  const timer = setTimeout(() => child.kill("SIGKILL"), START_MS_MAX);
  try {
    for await (const line of lines) return Announced.parse(JSON.parse(line)).url;
  } finally {
    clearTimeout(timer);
  }
  throw new Error(
    `Cannot compare with ${name}: its server ended before it listened. It said: ${said.trim()}`,
  );
}

/** The packages' own binaries: their wrapper scripts would put Node in between. */
function binaryOf(name: "bun" | "deno"): string | undefined {
  const path = name === "bun" ? "bun/bin/bun.exe" : "deno/deno";
  const file = fileURLToPath(new URL(`../../node_modules/${path}`, import.meta.url));
  // Where install scripts were not allowed, a few bytes stand there.
  return existsSync(file) && statSync(file).size > 1_000_000 ? file : undefined;
}
