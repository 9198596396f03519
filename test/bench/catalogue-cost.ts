import { readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { format } from "prettier";
import { makeBars } from "../../runtime/check/market/make-bars.ts";
import { importTable } from "../../runtime/check/market/import-table.ts";
import { marketNeeds } from "../../runtime/check/market/market-needs.ts";
import { makeOther } from "../../runtime/check/market/make-other.ts";
import { probeName } from "../../runtime/check/function-folder.ts";
import { openBench, type Bench } from "../../runtime/check/open-bench.ts";
import type { MeasuredCosts } from "../../runtime/cli/catalogue/described-function.ts";
import { runtimeFacts } from "../../runtime/platform/runtime-facts.ts";
import { settingsWith } from "../support/settings-with.ts";
import { wire } from "../../runtime/wire.ts";
import { ROOT } from "../tidy/source-files.ts";

/**
 * Writes `docs/catalogue/cost.json`: what a million rows of each function cost. Where a handler can be called by itself
 * it is, over and over, and the fastest call counts; where rows of many symbols go through it at once, a whole run does.
 * Run it on a machine that does nothing else: `bun test/bench/catalogue-cost.ts`.
 */
const FUNCTIONS = join(ROOT, "functions");
const DAY_COUNT = 2000;
const SYMBOL_COUNT = 60;
const RUNS = 5;

const BARS = ["daily", "minute"] as const;

const names = readdirSync(FUNCTIONS).toSorted();
const bench = await openBench({
  settings: settingsWith({ functions: FUNCTIONS }),
  wire: (options) => wire({ ...options, version: "0" }),
  checked: names,
  onLog: (text) => process.stderr.write(text),
});
try {
  const resolved = await Promise.all(names.map((name) => bench.resolve(name, {})));
  const needs = await marketNeeds(resolved, (name, params) => bench.resolve(name, params));
  const more = Array.from({ length: SYMBOL_COUNT }, (_, i) => `X${String(i).padStart(4, "0")}`);
  const shared = { dayCount: DAY_COUNT, seed: 1, columns: needs.columns };
  const tables = {
    daily: makeBars({ interval: "daily", ...shared, symbols: [...needs.symbols, ...more] }),
    minute: makeBars({ interval: "minute", ...shared, symbols: needs.symbols }),
  };
  for (const bars of BARS) await importTable(bench, bars, tables[bars], { isDaily: bars === "daily" });
  const symbols = [...new Set(tables.daily.rows.map(({ symbol }) => symbol))];
  for (const need of needs.datasets)
    await importTable(bench, need.name, makeOther(need, symbols, DAY_COUNT, 1), { isDaily: true });
  const functions: Record<string, MeasuredCosts["functions"][string]> = {};
  for (const [i, name] of names.entries()) {
    const { description } = await bench.get(name);
    const isCalledAlone = description.shape === "feature" && description.partition === "symbol";
    const bars = await fittingBars(bench, name);
    const milliseconds = isCalledAlone
      ? await ofHandler(bench, name, bars)
      : await ofRun(bench, name, bars, tables[bars].rows.length);
    const columns = resolved[i]!.outputs.length;
    const of = isCalledAlone ? "handler" : "run";
    functions[name] = { bars, of, columns, millisecondsPerMillionRows: Number(milliseconds.toPrecision(2)) };
    console.log(name, JSON.stringify(functions[name]));
  }
  const runtime = runtimeFacts();
  const measured = `Default parameters, one process, ${runtime.name} ${runtime.version}, all measured in one run: compare them only with each other.`;
  const text = JSON.stringify({ measured, functions } satisfies MeasuredCosts);
  writeFileSync(
    join(ROOT, "docs/catalogue/cost.json"),
    await format(text, { parser: "json", printWidth: 110 }),
  );
} finally {
  await bench.close();
}

/** Milliseconds for a million rows in the handler. */
async function ofHandler(on: Bench, name: string, dataset: "daily" | "minute"): Promise<number> {
  const symbols = [symbolOf(dataset)];
  let fastest = Infinity;
  for (let run = 0; run < RUNS; run++) {
    const { facts } = await on.run({
      function: probeName(name),
      dataset,
      symbols,
      params: { mode: "time", step: 1 },
    });
    const [rows = 0, nanoseconds = 0] = facts.warnings
      .flatMap(({ message }) => /^timed (\d+) (\d+)$/.exec(message)?.slice(1) ?? [])
      .map(Number);
    fastest = Math.min(fastest, nanoseconds / rows);
  }
  return fastest;
}

/** The same of a whole run with its process and its result, what it reads of other functions included. */
async function ofRun(on: Bench, name: string, dataset: string, rowCount: number): Promise<number> {
  let fastest = Infinity;
  for (let run = 0; run < RUNS; run++) {
    const { facts } = await on.run({ function: name, dataset });
    const spent = facts.timings.filter(({ stage }) => stage === "run" || stage === "upstream");
    const milliseconds = spent.reduce((sum, timing) => sum + timing.milliseconds, 0);
    fastest = Math.min(fastest, milliseconds);
  }
  return (fastest / rowCount) * 1e6;
}

/** Daily bars, unless the function refuses them or has more to say on minutes. */
async function fittingBars(on: Bench, name: string): Promise<"daily" | "minute"> {
  const counts = await Promise.all(
    BARS.map(async (dataset) => {
      const result = await on.run({ function: name, dataset }).catch(() => undefined);
      return [...(result?.rows.columns.values() ?? [])].filter(({ valid }) => valid.includes(1)).length;
    }),
  );
  return counts[1]! > counts[0]! ? "minute" : "daily";
}

function symbolOf(dataset: "daily" | "minute"): string {
  return dataset === "daily" ? "WALK" : "SPLIT";
}
