import { spawn } from "node:child_process";
import { copyFileSync, existsSync, mkdirSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { executablePath } from "../../../runtime/platform/executable-path.ts";
import { runtimeName } from "../../../runtime/platform/runtime-facts.ts";
import type { BenchContext } from "./bench-part.ts";
import { type LineWorker, startLineWorker } from "./line-worker.ts";

const MANIFEST_DIR = fileURLToPath(new URL("../polars/", import.meta.url));

/**
 * Starts nodejs-polars in a process of its own, with two threads. It is 115 MB that only this comparison needs and
 * its binary is for one system: it is installed beside the benchmark's data, at the versions its manifest names, on first use.
 */
export async function startPolars(
  cacheDir: string,
  { signal, log, scale }: Pick<BenchContext, "signal" | "log" | "scale">,
): Promise<{ readonly worker: LineWorker } | { readonly missing: string }> {
  if (process.platform !== "linux" || process.arch !== "x64") {
    return {
      missing: `the comparison's package is for linux-x64, this is ${process.platform}-${process.arch}`,
    };
  }
  const dir = join(cacheDir, "polars");
  if (!existsSync(join(dir, "node_modules", "nodejs-polars-linux-x64-gnu"))) {
    if (scale.name === "quick") return { missing: "it is not installed yet, and --quick installs nothing" };
    log("installing nodejs-polars for the comparison, once");
    mkdirSync(dir, { recursive: true });
    copyFileSync(join(MANIFEST_DIR, "package.json"), join(dir, "package.json"));
    const code = await new Promise<number | null>((resolve) => {
      const npm = spawn(
        "npm",
        ["install", "--no-package-lock", "--no-audit", "--no-fund", "--loglevel=error"],
        {
          cwd: dir,
          stdio: "ignore",
          signal,
        },
      );
      npm.once("error", () => resolve(1));
      npm.once("exit", resolve);
    });
    if (code !== 0) return { missing: "npm could not install it" };
  }
  const script = fileURLToPath(new URL("polars-worker.ts", import.meta.url));
  const run = runtimeName() === "deno" ? ["run", "-A", "--quiet", script, dir] : [script, dir];
  const env = { POLARS_MAX_THREADS: "2" };
  return { worker: startLineWorker({ file: executablePath(), args: run }, { signal, env }) };
}
