import { spawn } from "node:child_process";
import { copyFileSync, existsSync, mkdirSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import type { BenchContext } from "./bench-part.ts";

/**
 * Installs what a manifest of this folder names, at the versions it names, beside the benchmark's data, on first use: only
 * a comparison needs it. Gives the folder, or why there is none. `proof` is a package that is there once all are.
 */
export async function installPackages(
  cacheDir: string,
  { manifest, proof }: { readonly manifest: "polars" | "indicators"; readonly proof: string },
  { signal, log, scale }: Pick<BenchContext, "signal" | "log" | "scale">,
): Promise<{ readonly dir: string } | { readonly missing: string }> {
  const dir = join(cacheDir, manifest);
  if (existsSync(join(dir, "node_modules", proof))) return { dir };
  if (scale.name === "quick") return { missing: "it is not installed yet, and --quick installs nothing" };
  log(`installing ${manifest} for the comparison, once`);
  mkdirSync(dir, { recursive: true });
  copyFileSync(
    fileURLToPath(new URL(`../${manifest}/package.json`, import.meta.url)),
    join(dir, "package.json"),
  );
  const args = ["install", "--no-package-lock", "--no-audit", "--no-fund", "--loglevel=error"];
  const code = await new Promise<number | null>((resolve) => {
    const npm = spawn("npm", args, { cwd: dir, stdio: "ignore", signal });
    npm.once("error", () => resolve(1));
    npm.once("exit", resolve);
  });
  return code === 0 ? { dir } : { missing: "npm could not install it" };
}
