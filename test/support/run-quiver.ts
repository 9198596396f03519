import { spawn } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import { executablePath } from "../../runtime/platform/executable-path.ts";
import { runtimeName } from "../../runtime/platform/runtime-facts.ts";

export const PROJECT = fileURLToPath(new URL("../..", import.meta.url)).replace(/\/$/, "");

export interface Ended {
  readonly code: number | null;
  readonly out: string;
  readonly err: string;
}

/** The command line as a process of its own, on the runtime of the tests. */
export interface RunningQuiver {
  readonly pid: number;
  kill(signal: NodeJS.Signals): void;
  /** Resolves with what `out` holds once it matches; rejects when the process ends before. */
  outputs(pattern: RegExp, stream?: "out" | "err"): Promise<RegExpExecArray>;
  readonly ended: Promise<Ended>;
}

/** The words that start the command line on the runtime of the tests. */
export function quiverCommand(): string[] {
  const prefix = runtimeName() === "deno" ? ["run", "-A", "--quiet", `--config=${PROJECT}/deno.json`] : [];
  return [executablePath(), ...prefix, `${PROJECT}/runtime/main.ts`];
}

export function startQuiver(
  args: readonly string[],
  environment: Record<string, string> = {},
): RunningQuiver {
  const [executable = "", ...prefix] = quiverCommand();
  const child = spawn(executable, [...prefix, ...args], {
    cwd: PROJECT,
    env: { ...process.env, ...environment },
    stdio: ["ignore", "pipe", "pipe"],
  });
  const text = { out: "", err: "" };
  const watchers = new Set<() => void>();
  const collect = (name: "out" | "err") => (chunk: Buffer) => {
    text[name] += chunk.toString();
    for (const watch of watchers) watch();
  };
  child.stdout.on("data", collect("out"));
  child.stderr.on("data", collect("err"));
  const ended = once(child, "close").then(([code]: unknown[]) => ({
    code: typeof code === "number" ? code : null,
    ...text,
  }));
  return {
    pid: child.pid ?? 0,
    // Not the child's own kill: on Deno it would report the signal, whatever the process then did.
    kill: (signal) => {
      process.kill(child.pid ?? 0, signal);
    },
    ended,
    outputs: (pattern, stream = "out") =>
      new Promise((resolve, reject) => {
        const watch = () => {
          const match = pattern.exec(text[stream]);
          if (match === null) return;
          watchers.delete(watch);
          resolve(match);
        };
        watchers.add(watch);
        watch();
        void ended.then(() => {
          reject(new Error(`ended before ${String(pattern)}: ${text.out}${text.err}`));
        });
      }),
  };
}

export function quiver(args: readonly string[], environment: Record<string, string> = {}): Promise<Ended> {
  return startQuiver(args, environment).ended;
}
