import { cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { currentSets } from "../../../runtime/invoke/current-sets.ts";
import { createRunEntry, type RunChange, type RunEntry } from "../../../runtime/schedule/run-entry.ts";
import type { ScheduleEntry } from "../../../runtime/schedule/schedule.ts";
import { listFeatureSets } from "../../../runtime/store/feature-sets.ts";
import { openApp, type OpenedApp } from "../../support/open-app.ts";
import { PROJECT } from "../../support/run-quiver.ts";

const feature = (
  inputs: string,
  handler: string,
) => `import { defineFeature, float64, fromFunction } from "quiver";
export default defineFeature({
  description: "For a test",
  inputs: { bars: ${inputs} },
  outputs: { x: float64 },
  handler({ bars }, out) { ${handler} },
});`;
const ONE = "Object.values(bars).forEach((column) => out.x.set(column));";
const SOURCES = {
  broken: feature("{ close: float64 }", 'throw new Error("no luck today");'),
  "reads-broken": feature('fromFunction("broken", { columns: { x: float64 } })', ONE),
  "reads-returns": feature('fromFunction("returns", { columns: { simple_return: float64 } })', ONE),
  unfit: feature("{ turnover: float64 }", ONE),
};

/** Each broken in another way, whatever the dataset. */
const BROKEN = {
  "bad-schema": feature('fromFunction("returns", { columns: { nothing: float64 } })', ONE),
  "cyc-a": feature('fromFunction("cyc-b", { columns: { x: float64 } })', ONE),
  "cyc-b": feature('fromFunction("cyc-a", { columns: { x: float64 } })', ONE),
  "reads-missing": feature('fromFunction("nobody", { columns: { x: float64 } })', ONE),
  syntax: "export default defineFeature({",
};

let app: OpenedApp;
let root = "";
let run: RunEntry;
beforeAll(async () => {
  root = mkdtempSync(join(tmpdir(), "quiver-run-entry-"));
  cpSync(join(PROJECT, "functions", "returns"), join(root, "returns"), { recursive: true });
  for (const [name, source] of Object.entries(SOURCES)) {
    mkdirSync(join(root, name));
    writeFileSync(join(root, name, "index.ts"), source);
  }
  app = await openApp({ settings: { functions: root }, bars: { symbolCount: 2, dayCount: 20 } });
  const { jobs, catalog } = app.wired.services;
  jobs.start();
  run = createRunEntry({
    jobs,
    graph: () => catalog.graph(),
    current: (dataset = "demo") => currentSets(app.dataDir, dataset, catalog),
  });
});
afterAll(async () => {
  await app.close();
  rmSync(root, { recursive: true, force: true });
});

const entry = (work: ScheduleEntry["work"]): ScheduleEntry => ({
  name: "night",
  cron: "@daily",
  zone: "UTC",
  missed: "skip",
  work,
});
const never = new AbortController().signal;

test("an entry of one function is one job, the same one for the same time", async () => {
  const work = { kind: "one", request: { function: "returns", as: "nightly" } } as const;
  const changes: RunChange[] = [];
  const due = { dueAt: "2026-01-05T00:00:00.000Z", job: null };
  const first = await run(entry(work), due, (change) => changes.push(change), never);
  expect(first).toEqual({ outcome: "ok", message: null, version: expect.any(String) });
  // As after a crash between the job's beginning and the note of it.
  await run(entry(work), due, (change) => changes.push(change), never);
  expect(changes[0]?.job).toBeTypeOf("string");
  expect(changes[1]).toEqual(changes[0]);
  const failed = { kind: "one", request: { function: "broken" } } as const;
  const later = { dueAt: "2026-01-06T00:00:00.000Z", job: null };
  expect(await run(entry(failed), later, () => undefined, never)).toEqual({
    outcome: "function-threw",
    message: expect.stringContaining("no luck today"),
    version: null,
  });
});

test("an entry of many publishes them in order: what fails keeps back what reads it, and nothing else", async () => {
  const all = { kind: "many", functions: null, request: { dataset: "demo" } } as const;
  const due = { dueAt: "2026-01-07T00:00:00.000Z", job: null };
  const ended = await run(entry(all), due, () => undefined, never);
  expect(ended).toMatchObject({ outcome: "function-threw" });
  expect(ended?.message).toMatch(
    /^2 published, 1 equal, 2 left out \(reads-broken, unfit\), 1 failed; broken: .*no luck today/,
  );
  expect(listFeatureSets(app.dataDir, "demo").map(({ name }) => name)).toEqual([
    "nightly",
    "reads-returns",
    "returns",
  ]);
  // Some, the next night, with what they read.
  const some = { ...all, functions: ["reads-returns"] } as const;
  const next = { dueAt: "2026-01-08T00:00:00.000Z", job: null };
  expect(await run(entry(some), next, () => undefined, never)).toEqual({ outcome: "ok", message: "2 equal" });
});

test("a run with functions that are broken is not ok, and says what is wrong with each", async () => {
  for (const [name, source] of Object.entries(BROKEN)) {
    mkdirSync(join(root, name));
    writeFileSync(join(root, name, "index.ts"), source);
  }
  const names = [...Object.keys(BROKEN), "unfit"];
  const some = { kind: "many", functions: names, request: { dataset: "demo" } } as const;
  const due = { dueAt: "2026-01-10T00:00:00.000Z", job: null };
  const { message, outcome } = (await run(entry(some), due, () => undefined, never)) ?? {};
  const [counts, ...failures] = message?.split("; ") ?? [];
  expect([counts, outcome]).toEqual(["1 left out (unfit), 5 failed", "input-invalid"]);
  expect(failures).toEqual([
    'bad-schema: Cannot bind the input "bars" of "bad-schema" to the function "returns": it has no output "nothing", only simple_return, log_return.',
    'reads-missing: Cannot bind the input "bars" of "reads-missing" to the function "nobody": there is no such function.',
    expect.stringMatching(/^syntax: Cannot load syntax\/index\.ts: ./),
    'cyc-b: Cannot run "cyc-b": it reads itself, cyc-b → cyc-a → cyc-b. Have one of them read something else.',
    'cyc-a: Cannot run "cyc-a": it reads itself, cyc-a → cyc-b → cyc-a. Have one of them read something else.',
  ]);
  const symbols = {
    ...some,
    functions: ["returns"],
    request: { dataset: "demo", symbols: ["NOBODY"] },
  } as const;
  const later = { dueAt: "2026-01-11T00:00:00.000Z", job: null };
  expect(await run(entry(symbols), later, () => undefined, never)).toEqual({
    outcome: "unknown-symbol",
    message: expect.stringMatching(
      /^1 equal, 1 failed; returns: Cannot find the symbol "NOBODY" in the dataset "demo", which has 2 symbols\./,
    ),
  });
  for (const name of Object.keys(BROKEN)) rmSync(join(root, name), { recursive: true });
});

// Such a run was ok, having published nothing.
test("a run without a function that it names, or without any, is not ok", async () => {
  const gone = { kind: "many", functions: ["returns", "gone"], request: { dataset: "demo" } } as const;
  const due = { dueAt: "2026-01-12T00:00:00.000Z", job: null };
  expect(await run(entry(gone), due, () => undefined, never)).toEqual({
    outcome: "unknown-function",
    message: "2 equal, 1 failed; gone: there is no such function",
  });
  const { jobs } = app.wired.services;
  const current = () => Promise.resolve([]);
  const runNothing = createRunEntry({ jobs, graph: () => Promise.resolve({ nodes: [] }), current });
  const all = { ...gone, functions: null };
  expect(await runNothing(entry(all), due, () => undefined, never)).toEqual({
    outcome: "unknown-function",
    message: "1 failed; there are no functions",
  });
});

test("a run that is stopped has no ending: the next server goes on with it", async () => {
  const stopped = AbortSignal.abort();
  const one = { kind: "one", request: { function: "returns" } } as const;
  const many = { kind: "many", functions: ["returns"], request: {} } as const;
  const due = { dueAt: "2026-01-09T00:00:00.000Z", job: null };
  expect(await run(entry(one), due, () => undefined, stopped)).toBeUndefined();
  expect(await run(entry(many), due, () => undefined, stopped)).toBeUndefined();
});
