import { executablePath } from "../platform/executable-path.ts";
import type { BuiltChild } from "./build-child.ts";
import type { Sandbox } from "./sandbox/sandbox.ts";

/** The directories that children may read. */
export interface ChildAccess {
  /** Directories with files to be mapped; on Deno author code cannot read them. */
  readonly readDirs: readonly string[];
  /** Directories with author code, always readable. */
  readonly codeDirs: readonly string[];
}

/** How one child is started, as plain data. */
export interface LaunchPlan {
  readonly file: string;
  readonly args: readonly string[];
  readonly cwd: string;
  /** The complete environment; nothing is inherited from the server. */
  readonly env: Readonly<Record<string, string>>;
  /** Whether the started process only waits for the child, its only child process. */
  readonly wrapped: boolean;
  /** Files to remove when the child has ended. */
  readonly leftovers: readonly string[];
}

/** Decides the command line of a child that may write to `outDir` only. */
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
 * The environment is the same on every machine: a result must not depend on the zone or language of the machine.
 * Temporary files go to the output directory.
 */
function environment(outDir: string): Record<string, string> {
  return { TZ: "UTC", LANG: "en_US.UTF-8", TMPDIR: outDir, NO_COLOR: "1" };
}

/**
 * Raises the thresholds at which JavaScriptCore compiles code (by default 500 and 1,000 loop rounds). A call on one
 * symbol ends before compiling pays, and compiling costs it a fifth of its processor time. A partition of many rows
 * still passes these thresholds within its first milliseconds.
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

/** Permissions sandbox the child; those beyond code and output are revoked before author code runs. */
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
