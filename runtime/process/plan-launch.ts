import { executablePath } from "../platform/executable-path.ts";
import type { BuiltChild } from "./build-child.ts";
import type { Sandbox } from "./sandbox/sandbox.ts";

/** What every child of a pool may read, and where they all live. */
export interface ChildAccess {
  /** Directories with the files to be mapped; on Deno unreadable for author code. */
  readonly readDirs: readonly string[];
  /** Directories with author code; readable throughout. */
  readonly codeDirs: readonly string[];
}

/** How one child is started: plain data, and all of it. */
export interface LaunchPlan {
  readonly file: string;
  readonly args: readonly string[];
  readonly cwd: string;
  /** The whole environment; nothing of ours is inherited. */
  readonly env: Readonly<Record<string, string>>;
  /** Whether the started process only waits for the child, which is its only child. */
  readonly wrapped: boolean;
  /** Files to remove when the child has ended. */
  readonly leftovers: readonly string[];
}

/** Decides the command line of a child with `outDir` as the only place it may write to. */
export function planLaunch(
  built: BuiltChild,
  access: ChildAccess,
  outDir: string,
  sandbox: Sandbox | null,
): LaunchPlan {
  const command = built.runtime === "bun" ? bunCommand(built) : denoCommand(built, access, outDir);
  const env = {
    ...environment(outDir),
    ...(built.runtime === "bun" ? BUN_ENVIRONMENT : {}),
    ...(built.denoDir === null ? {} : denoEnvironment(built.denoDir)),
  };
  if (sandbox === null) {
    const [file = "", ...args] = command;
    return { file, args, cwd: outDir, env, wrapped: false, leftovers: [] };
  }
  return { ...sandbox.enter({ command, env, outDir }), cwd: outDir, wrapped: true };
}

/**
 * The same for every child on every machine: a result must not depend on the zone or language of the machine that
 * computed it. Temporary files go where everything else goes.
 */
function environment(outDir: string): Record<string, string> {
  return { TZ: "UTC", LANG: "en_US.UTF-8", TMPDIR: outDir, NO_COLOR: "1" };
}

/**
 * Code is compiled when it has run longer than JavaScriptCore's own thresholds ask for (500 and 1,000 loop rounds): one
 * symbol's rows are gone through before compiling them pays, and compiling costs such a call a fifth of its
 * processor time. A partition of many rows passes these thresholds within its first milliseconds all the same.
 */
const BUN_ENVIRONMENT = {
  BUN_JSC_thresholdForJITAfterWarmUp: "5000",
  BUN_JSC_thresholdForJITSoon: "5000",
  BUN_JSC_thresholdForOptimizeAfterWarmUp: "10000",
  BUN_JSC_thresholdForOptimizeSoon: "10000",
};

function denoEnvironment(denoDir: string): Record<string, string> {
  return { DENO_DIR: denoDir, DENO_NO_UPDATE_CHECK: "1" };
}

function bunCommand(built: BuiltChild): string[] {
  if (built.standsAlone) return [built.entry];
  return [executablePath(), "run", "--no-install", "--no-env-file", "--config=/dev/null", built.entry];
}

/** Sandboxed by permissions; what is granted here beyond code and output is revoked before author code runs. */
function denoCommand(built: BuiltChild, { readDirs, codeDirs }: ChildAccess, outDir: string): string[] {
  const readable = [...readDirs, ...codeDirs, built.modulesDir, outDir];
  const map = built.importMap === null ? [] : [`--import-map=${built.importMap}`];
  return [
    executablePath(),
    "run",
    "--quiet",
    "--no-config",
    "--no-check",
    "--no-prompt",
    "--no-remote",
    "--no-npm",
    "--cached-only",
    "--no-lock",
    "--deny-import",
    ...map,
    "--allow-ffi",
    `--allow-read=${readable.join()}`,
    `--allow-write=${outDir}`,
    built.entry,
  ];
}
