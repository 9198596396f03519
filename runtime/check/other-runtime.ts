import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, statSync } from "node:fs";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { z } from "zod";
import { runtimeName } from "../platform/runtime-facts.ts";

/** A Quiver server on the other runtime: Deno if this process runs on Bun, and the reverse. */
export interface OtherRuntime {
  readonly name: "bun" | "deno";
  /** Sends a request to the server. The path begins with a slash. */
  readonly fetch: (path: string, init: RequestInit) => Promise<Response>;
  close(): Promise<void>;
}

const Announced = z.object({ url: z.string() });
/** How much of the output of a server that does not start is quoted. */
const SAID_LENGTH_MAX = 2000;
const START_MS_MAX = 60_000;

/** Starts the server on a separate data directory; undefined if the other runtime is not installed. */
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

/** Reads the server's address from the first line that it prints. */
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
    `Cannot compare with ${name}: its server ended before it was listening. It printed: ${said.trim()}`,
  );
}

/** Finds the binary itself: the wrapper script of its package would keep a Node process in between. */
function binaryOf(name: "bun" | "deno"): string | undefined {
  const path = name === "bun" ? "bun/bin/bun.exe" : "deno/deno";
  const file = fileURLToPath(new URL(`../../node_modules/${path}`, import.meta.url));
  // If install scripts were disabled, that file is a stub of a few bytes.
  return existsSync(file) && statSync(file).size > 1_000_000 ? file : undefined;
}
