// Shared by `quiver.mjs` and the gate: plain JavaScript for Node 20 or later. It imports no package, because none may
// be installed yet.
import { spawnSync } from "node:child_process";
import { existsSync, readdirSync, statSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

export const root = join(dirname(fileURLToPath(import.meta.url)), "..", "..");
const modules = join(root, "node_modules");

/** Runs `npm ci` in a clone without packages; throws if that fails. */
export function installIfMissing() {
  if (existsSync(join(modules, ".package-lock.json"))) return;
  process.stderr.write("Installing the packages that package-lock.json names (once) …\n");
  const npm = process.platform === "win32" ? "npm.cmd" : "npm";
  const done = spawnSync(npm, ["ci", "--no-audit", "--no-fund", "--loglevel=error"], {
    cwd: root,
    stdio: ["ignore", 2, 2],
  });
  if (done.error !== undefined)
    throw new Error(`Cannot start npm: ${done.error.message}. Install Node.js with npm.`);
  if (done.status !== 0) throw new Error('Cannot install the packages: "npm ci" failed, see above.');
}

/** Finds the binary of Bun or Deno itself: the wrapper script of its package would keep a Node process in between. */
export function runtimeBinary(runtime) {
  const windows = process.platform === "win32";
  const name = runtime === "bun" ? (windows ? "bun.exe" : "bun") : windows ? "deno.exe" : "deno";
  const own = runtime === "bun" ? join(modules, "bun", "bin", "bun.exe") : join(modules, "deno", name);
  if (isBinary(own)) return own;
  // If install scripts were disabled, that file is a stub of a few bytes; the platform's package has the binary.
  const scope = join(modules, runtime === "bun" ? "@oven" : "@deno");
  const folders = existsSync(scope) ? readdirSync(scope) : [];
  const found = folders
    .flatMap((one) => [join(scope, one, "bin", name), join(scope, one, name)])
    .find(isBinary);
  if (found === undefined)
    throw new Error(`Cannot find the ${runtime} that package.json names: run "npm ci".`);
  return found;
}

/** The arguments that come before a script's path. */
export function runtimeArguments(runtime) {
  return runtime === "bun" ? [] : ["run", "-A", "--quiet", `--config=${join(root, "deno.json")}`];
}

function isBinary(path) {
  return existsSync(path) && statSync(path).size > 1_000_000;
}
