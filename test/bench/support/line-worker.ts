import { spawn } from "node:child_process";
import { createInterface } from "node:readline";
import { executablePath } from "../../../runtime/platform/executable-path.ts";
import { runtimeName } from "../../../runtime/platform/runtime-facts.ts";

/** A warm process of another tool: one JSON line in, one out. */
export interface LineWorker {
  ask<T>(request: unknown): Promise<T>;
  stop(): Promise<void>;
}

const ANSWER_MS_MAX = 10 * 60_000;

/** Starts a script of this folder on the runtime that runs the benchmark, or any command. */
export function startLineWorker(
  command: { readonly script: string } | { readonly file: string; readonly args: readonly string[] },
  { signal, env = {} }: { readonly signal: AbortSignal; readonly env?: Readonly<Record<string, string>> },
): LineWorker {
  const [file, args] =
    "script" in command
      ? [executablePath(), [...(runtimeName() === "deno" ? ["run", "-A", "--quiet"] : []), command.script]]
      : [command.file, command.args];
  const child = spawn(file, [...args], {
    stdio: ["pipe", "pipe", "pipe"],
    env: { ...process.env, ...env },
    signal,
  });
  let errors = "";
  child.stderr.on("data", (chunk: Buffer) => (errors = (errors + chunk.toString("utf8")).slice(-4000)));
  child.stdin.on("error", () => undefined);
  const waiting: { resolve: (line: string) => void; reject: (error: Error) => void }[] = [];
  const lines = createInterface({ input: child.stdout });
  lines.on("line", (line) => waiting.shift()?.resolve(line));
  const ended = new Promise<void>((resolve) => {
    const end = (why: string) => {
      for (const waiter of waiting.splice(0)) waiter.reject(new Error(`${file} ended: ${why}\n${errors}`));
      resolve();
    };
    child.once("error", (error) => end(error.message));
    child.once("exit", (code, killedBy) => end(`${killedBy ?? `code ${code}`}`));
  });
  return {
    async ask<T>(request: unknown): Promise<T> {
      const line = new Promise<string>((resolve, reject) => waiting.push({ resolve, reject }));
      child.stdin.write(`${JSON.stringify(request)}\n`);
      const timer = setTimeout(() => child.kill("SIGKILL"), ANSWER_MS_MAX);
      try {
        const answer = JSON.parse(await line) as { error?: string };
        if (answer.error !== undefined) throw new Error(answer.error);
        return answer as T;
      } finally {
        clearTimeout(timer);
      }
    },
    async stop() {
      child.stdin.end();
      const timer = setTimeout(() => child.kill("SIGKILL"), 5_000);
      await ended;
      clearTimeout(timer);
    },
  };
}

/** The other end: answers each line with what `answer` makes of it, until the input ends. */
export async function serveLines(
  answer: (request: Record<string, unknown>) => Promise<object>,
): Promise<void> {
  for await (const line of createInterface({ input: process.stdin })) {
    let reply: object;
    try {
      reply = await answer(JSON.parse(line) as Record<string, unknown>);
    } catch (error) {
      reply = { error: error instanceof Error ? `${error.message}\n${error.stack ?? ""}` : String(error) };
    }
    process.stdout.write(`${JSON.stringify(reply)}\n`);
  }
}
