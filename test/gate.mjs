// `npm test`: the one command that means "good". Types, lint, format, then the whole suite (tidy checks included) on
// Bun and on Deno. Plain JavaScript, because it starts before anything is installed.
import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { installIfMissing, root, runtimeArguments, runtimeBinary } from "../runtime/cli/runtimes.mjs";

let passed = 0;
let failed = 0;
const skipped = new Map();

try {
  installIfMissing();
  const bun = runtimeBinary("bun");
  const modules = join(root, "node_modules");
  check("types", bun, [join(modules, "typescript", "bin", "tsc"), "--noEmit"]);
  check("lint", bun, [join(modules, "oxlint", "bin", "oxlint"), "--type-aware", "--deny-warnings"]);
  check("format", bun, [
    join(modules, "prettier", "bin", "prettier.cjs"),
    "--check",
    "--log-level=warn",
    ".",
  ]);
  suite("bun", bun, ["--bun", join(modules, "vitest", "vitest.mjs")]);
  suite("deno", runtimeBinary("deno"), [...runtimeArguments("deno"), "npm:vitest"]);
} catch (error) {
  failed++;
  console.log(error.message);
}
for (const [name, where] of skipped) console.log(`skipped on ${where.join(" and ")}: ${name}`);
console.log(`${skipped.size} skipped`);
console.log(`${passed} passed, ${failed} failed`);
process.exitCode = failed === 0 ? 0 : 1;

/** A tool whose exit code is its verdict: counts as one. */
function check(name, file, args) {
  const start = performance.now();
  const done = spawnSync(file, args, { cwd: root, encoding: "utf8", maxBuffer: 1 << 28 });
  const good = done.status === 0;
  report(
    name,
    good,
    start,
    good ? "" : `${done.stdout ?? ""}${done.stderr ?? ""}${done.error?.message ?? ""}`,
  );
  if (good) passed++;
  else failed++;
}

/** The suite on one runtime: counts its tests; a runtime on which none passed has not run, and that is a failure. */
function suite(runtime, file, args) {
  const start = performance.now();
  const scratch = mkdtempSync(join(tmpdir(), "quiver-gate-"));
  const report = join(scratch, "report.json");
  const done = spawnSync(
    file,
    [...args, "run", "--reporter=default", "--reporter=json", `--outputFile.json=${report}`],
    {
      cwd: root,
      encoding: "utf8",
      maxBuffer: 1 << 28,
      // One program for the children of every test.
      env: {
        ...process.env,
        EXPECTED_RUNTIME: runtime,
        CI: "1",
        QUIVER_CHILD_CACHE: join(scratch, "children"),
      },
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
  reportSuite(runtime, start, passedHere, failedHere, done);
}

function reportSuite(runtime, start, passedHere, failedHere, done) {
  const output =
    failedHere === 0 ? "" : `${done.stdout ?? ""}${done.stderr ?? ""}${done.error?.message ?? ""}`;
  report(`suite on ${runtime} (${passedHere} passed, ${failedHere} failed)`, failedHere === 0, start, output);
}

function report(name, good, start, output) {
  const seconds = ((performance.now() - start) / 1000).toFixed(1);
  console.log(`${good ? "ok  " : "FAIL"}  ${name}, ${seconds} s`);
  if (output !== "") console.log(output.split("\n").slice(-400).join("\n"));
}

function readReport(path) {
  try {
    return JSON.parse(readFileSync(path, "utf8"));
  } catch {
    // No report: the runtime did not start, or crashed. Counted as a failure above.
    return undefined;
  }
}
