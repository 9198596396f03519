#!/usr/bin/env node
// The file that npx and npm start: plain JavaScript for Node 20 or later. It installs missing packages, then runs Quiver
// with the binary of Bun or Deno, so that nothing of Quiver itself runs on Node.
import { spawn } from "node:child_process";
import { join } from "node:path";
import { installIfMissing, root, runtimeArguments, runtimeBinary } from "./runtimes.mjs";

const PARENT_EVERY_MS = 250;
const { runtime, rest } = chooseRuntime(process.argv.slice(2));
try {
  installIfMissing();
  start();
} catch (error) {
  fail(error.message, 1);
}

/** Deno with `--runtime deno` or QUIVER_RUNTIME=deno, otherwise Bun. The flag is not passed on. */
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

function start() {
  const args = [...runtimeArguments(runtime), join(root, "runtime", "main.ts"), ...rest];
  const child = spawn(runtimeBinary(runtime), args, { stdio: "inherit" });
  // A terminal sends Ctrl-C to both processes. This one keeps waiting until the runtime has ended.
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"]) {
    process.on(signal, () => {
      if (signal !== "SIGINT" || !process.stdin.isTTY) child.kill(signal);
    });
  }
  if (process.env.npm_lifecycle_event !== undefined) stopWithParent(child);
  child.on("error", (error) => fail(`Cannot start ${runtime}: ${error.message}.`, 1));
  child.on("exit", (code, signal) => {
    process.exitCode = code ?? (signal === "SIGINT" ? 130 : signal === "SIGTERM" ? 143 : 1);
  });
}

/**
 * `npm start` runs this file in a shell, which SIGTERM ends without passing the signal on. A changed parent process shows
 * that the shell has ended.
 */
function stopWithParent(child) {
  const parent = process.ppid;
  const watching = setInterval(() => {
    if (process.ppid === parent) return;
    clearInterval(watching);
    child.kill("SIGTERM");
  }, PARENT_EVERY_MS);
  watching.unref();
}

function fail(message, code) {
  process.stderr.write(`${message}\n`);
  process.exit(code);
}
