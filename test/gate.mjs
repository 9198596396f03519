// `npm test`: the one command that means "good". Types, lint, format, and the whole suite (tidy checks included) on Bun
// and on Deno. Plain JavaScript, because it starts before anything is installed.
import { spawn } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, relative } from "node:path";
import { installIfMissing, root, runtimeArguments, runtimeBinary } from "../runtime/cli/runtimes.mjs";

let passed = 0;
let failed = 0;
const skipped = new Map();
const failures = [];

try {
  installIfMissing();
  const bun = runtimeBinary("bun");
  const modules = join(root, "node_modules");
  // All at once: a suite waits for processes a third of its time, and ends with one file while a processor is idle.
  await Promise.all([
    checkOneByOne([
      ["types", bun, [join(modules, "typescript", "bin", "tsc"), "--noEmit"]],
      ["lint", bun, [join(modules, "oxlint", "bin", "oxlint"), "--type-aware", "--deny-warnings"]],
      ["format", bun, [join(modules, "prettier", "bin", "prettier.cjs"), "--check", "--log-level=warn", "."]],
    ]),
    suite("bun", bun, ["--bun", join(modules, "vitest", "vitest.mjs")]),
    suite("deno", runtimeBinary("deno"), [...runtimeArguments("deno"), "npm:vitest"]),
  ]);
} catch (error) {
  failed++;
  console.log(error.message);
}
for (const [name, where] of skipped) console.log(`skipped on ${where.join(" and ")}: ${name}`);
console.log(`${skipped.size} skipped`);
// Once more at the end: whoever sees only the last lines of a log sees what to look at.
for (const name of failures) console.log(`failed ${name}`);
console.log(`${passed} passed, ${failed} failed`);
process.exitCode = failed === 0 ? 0 : 1;

async function checkOneByOne(checks) {
  for (const [name, file, args] of checks) await check(name, file, args);
}

/** A tool whose exit code is its verdict: counts as one. */
async function check(name, file, args) {
  const start = performance.now();
  const { status, output } = await run(file, args);
  const good = status === 0;
  report(name, good, start, good ? "" : output);
  if (good) passed++;
  else failed++;
}

/** Runs a program to its end; its status is null where a signal ended it or it did not start. */
function run(file, args, env = process.env) {
  return new Promise((resolve) => {
    const child = spawn(file, args, { cwd: root, env, stdio: ["ignore", "pipe", "pipe"] });
    const pieces = { stdout: [], stderr: [] };
    for (const name of ["stdout", "stderr"]) child[name].on("data", (piece) => pieces[name].push(piece));
    const text = (name) => Buffer.concat(pieces[name]).toString();
    child.once("error", (error) => resolve({ status: null, output: error.message }));
    child.once("close", (status) => resolve({ status, output: text("stdout") + text("stderr") }));
  });
}

/** The suite on one runtime: counts its tests; a runtime on which none passed has not run, and that is a failure. */
async function suite(runtime, file, args) {
  const start = performance.now();
  const scratch = mkdtempSync(join(tmpdir(), "quiver-gate-"));
  const report = join(scratch, "report.json");
  const done = await run(
    file,
    [...args, "run", "--reporter=default", "--reporter=json", `--outputFile.json=${report}`],
    {
      ...process.env,
      EXPECTED_RUNTIME: runtime,
      CI: "1",
      // One program for the children of every test.
      QUIVER_CHILD_CACHE: join(scratch, "children"),
    },
  );
  const result = readReport(report);
  rmSync(scratch, { recursive: true, force: true });
  const tests = (result?.testResults ?? []).flatMap((one) => one.assertionResults);
  const passedHere = tests.filter((test) => test.status === "passed").length;
  const failedTests = tests.filter((test) => test.status === "failed").length;
  // A file that cannot be loaded has no tests to fail; a process that crashed may not even have a report.
  const failedFiles = (result?.testResults ?? []).filter(
    (one) => one.status === "failed" && !one.assertionResults.some((test) => test.status === "failed"),
  ).length;
  const crashed = passedHere === 0 || (done.status !== 0 && failedTests + failedFiles === 0);
  for (const test of tests.filter(
    ({ status }) => status === "skipped" || status === "pending" || status === "todo",
  )) {
    skipped.set(test.fullName, [...(skipped.get(test.fullName) ?? []), runtime]);
  }
  passed += passedHere;
  const failedHere = failedTests + failedFiles + (crashed ? 1 : 0);
  failed += failedHere;
  const told = (result?.testResults ?? []).flatMap((one) => failuresOf(one, runtime));
  failures.push(...told.map(({ name }) => name));
  reportSuite(runtime, start, passedHere, failedHere, told, done);
}

/** What went wrong in a file of tests, each with its message; empty where nothing did. */
function failuresOf(file, runtime) {
  if (file.status !== "failed") return [];
  const where = `on ${runtime}: ${relative(root, file.name)}`;
  const tests = file.assertionResults
    .filter(({ status }) => status === "failed")
    .map((test) => ({
      name: `${where}: ${test.fullName}`,
      message: (test.failureMessages ?? []).join("\n"),
    }));
  return tests.length > 0 ? tests : [{ name: where, message: file.message ?? "" }];
}

/** Failures first, then what the runtime printed, less the files that passed: a long log is often shown by its beginning. */
function reportSuite(runtime, start, passedHere, failedHere, told, done) {
  const output =
    failedHere === 0
      ? ""
      : [...told.map(({ name, message }) => `failed ${name}\n${message}`), withoutPassed(done.output)].join(
          "\n",
        );
  report(`suite on ${runtime} (${passedHere} passed, ${failedHere} failed)`, failedHere === 0, start, output);
}

function withoutPassed(output) {
  const lines = output.split("\n").filter((line) => !line.includes("✓"));
  return lines.slice(-400).join("\n");
}

function report(name, good, start, output) {
  const seconds = ((performance.now() - start) / 1000).toFixed(1);
  console.log(`${good ? "ok  " : "FAIL"}  ${name}, ${seconds} s`);
  if (output !== "") console.log(output);
}

function readReport(path) {
  try {
    return JSON.parse(readFileSync(path, "utf8"));
  } catch {
    // No report: the runtime did not start, or crashed. Counted as a failure above.
    return undefined;
  }
}
