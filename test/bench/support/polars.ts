import { fileURLToPath } from "node:url";
import { executablePath } from "../../../runtime/platform/executable-path.ts";
import { runtimeName } from "../../../runtime/platform/runtime-facts.ts";
import type { BenchContext } from "./bench-part.ts";
import { installPackages } from "./install-packages.ts";
import { type LineWorker, startLineWorker } from "./line-worker.ts";

const PACKAGE = "nodejs-polars-linux-x64-gnu";

/**
 * Starts nodejs-polars in a process of its own, with two threads unless told otherwise. It is 115 MB and its binary is for
 * one system, see `installPackages`. `script` is relative to this folder; it is given the packages' folder and `args`.
 */
export async function startPolars(
  cacheDir: string,
  context: Pick<BenchContext, "signal" | "log" | "scale">,
  {
    script = "polars-worker.ts",
    args = [],
    threads = 2,
  }: { readonly script?: string; readonly args?: readonly string[]; readonly threads?: number } = {},
): Promise<{ readonly worker: LineWorker } | { readonly missing: string }> {
  if (process.platform !== "linux" || process.arch !== "x64") {
    return {
      missing: `the comparison's package is for linux-x64, this is ${process.platform}-${process.arch}`,
    };
  }
  const installed = await installPackages(cacheDir, { manifest: "polars", proof: PACKAGE }, context);
  if ("missing" in installed) return installed;
  const path = fileURLToPath(new URL(script, import.meta.url));
  const given = [path, installed.dir, ...args];
  const run = runtimeName() === "deno" ? ["run", "-A", "--quiet", ...given] : given;
  const env = { POLARS_MAX_THREADS: String(threads) };
  return { worker: startLineWorker({ file: executablePath(), args: run }, { signal: context.signal, env }) };
}
