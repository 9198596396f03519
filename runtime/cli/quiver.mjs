#!/usr/bin/env node
// What npx and npm run: plain JavaScript for any Node from 20 on. It installs what is missing, then hands everything
// over to the real runtime binary, so that nothing of Quiver itself runs on Node.
import { spawn, spawnSync } from "node:child_process";
import { existsSync, readdirSync, statSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const root = join(dirname(fileURLToPath(import.meta.url)), "..", "..");
const modules = join(root, "node_modules");
const { runtime, rest } = chooseRuntime(process.argv.slice(2));

installIfMissing();
start();

/** `--runtime deno` or QUIVER_RUNTIME=deno; Bun otherwise. The flag is this file's own and goes no further. */
function chooseRuntime(given) {
  const rest = [...given];
  let runtime = process.env.QUIVER_RUNTIME || "bun";
  const at = rest.findIndex((argument) => argument === "--runtime" || argument.startsWith("--runtime="));
  if (at >= 0) {
    const inline = rest[at].includes("=");
    runtime = inline ? rest[at].slice("--runtime=".length) : (rest[at + 1] ?? "");
    rest.splice(at, inline ? 1 : 2);
  }
  if (runtime !== "bun" && runtime !== "deno") {
    fail(`Cannot run on ${JSON.stringify(runtime)}: expected --runtime bun or --runtime deno.`, 2);
  }
  return { runtime, rest };
}

function installIfMissing() {
  if (existsSync(join(modules, ".package-lock.json"))) return;
  process.stderr.write("Installing the packages that package-lock.json names (once) …\n");
  const npm = process.platform === "win32" ? "npm.cmd" : "npm";
  const done = spawnSync(npm, ["ci", "--no-audit", "--no-fund", "--loglevel=error"], {
    cwd: root,
    stdio: ["ignore", 2, 2],
  });
  if (done.error !== undefined) fail(`Cannot start npm: ${done.error.message}. Install Node.js with npm.`, 1);
  if (done.status !== 0) fail('Cannot install the packages: "npm ci" failed, see above.', 1);
}

function start() {
  const binary = runtime === "bun" ? bunBinary() : denoBinary();
  const prefix = runtime === "bun" ? [] : ["run", "-A", "--quiet", `--config=${join(root, "deno.json")}`];
  const child = spawn(binary, [...prefix, join(root, "runtime", "main.ts"), ...rest], { stdio: "inherit" });
  // A terminal sends Ctrl-C to both of us; the runtime decides when it is done, and this process waits for it.
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"]) {
    process.on(signal, () => {
      if (signal !== "SIGINT" || !process.stdin.isTTY) child.kill(signal);
    });
  }
  child.on("error", (error) => fail(`Cannot start ${runtime}: ${error.message}.`, 1));
  child.on("exit", (code, signal) => {
    process.exitCode = code ?? (signal === "SIGINT" ? 130 : signal === "SIGTERM" ? 143 : 1);
  });
}

/** The package's own file is a few bytes long where install scripts were not allowed; the platform's has it all. */
function bunBinary() {
  const own = join(modules, "bun", "bin", "bun.exe");
  if (isBinary(own)) return own;
  const scope = join(modules, "@oven");
  const found = (existsSync(scope) ? readdirSync(scope) : [])
    .map((name) => join(scope, name, "bin", process.platform === "win32" ? "bun.exe" : "bun"))
    .find(isBinary);
  return found ?? fail('Cannot find the Bun that package.json names: run "npm ci".', 1);
}

function denoBinary() {
  const name = process.platform === "win32" ? "deno.exe" : "deno";
  const own = join(modules, "deno", name);
  if (isBinary(own)) return own;
  const scope = join(modules, "@deno");
  const found = (existsSync(scope) ? readdirSync(scope) : [])
    .map((one) => join(scope, one, name))
    .find(isBinary);
  return found ?? fail('Cannot find the Deno that package.json names: run "npm ci".', 1);
}

function isBinary(path) {
  return existsSync(path) && statSync(path).size > 1_000_000;
}

function fail(message, code) {
  process.stderr.write(`${message}\n`);
  process.exit(code);
}
