import { cpSync, linkSync, mkdirSync, readdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import { barred, plain, type BenchPart, type Figure } from "../support/bench-part.ts";
import { publishOnce } from "../support/publish-once.ts";
import { runQuiver, startServer } from "../support/quiver-server.ts";
import { makeNextDay, symbolName } from "../support/market.ts";
import { rounded } from "../support/statistics.ts";
import { barsPattern, DATASET, removeSpool } from "../support/store.ts";

/** Groups with a finite look-back, and recursive ones, with what they need on this market. */
const FINITE: readonly (readonly [string, object])[] = [
  ["returns", {}],
  ["calendar", {}],
  ["candles", {}],
  ["market-model", { index: symbolName(0) }],
  ["relative-volume", { bars_per_day: 1 }],
  ["frac-diff", {}],
  ["cross-section", {}],
  ["alpha158", {}],
];
const RECURSIVE: readonly (readonly [string, object])[] = [
  ["rsi-macd", {}],
  ["moving-averages", {}],
  ["oscillators", {}],
];

/** One day appended to everything: publishing again beside the publish of the history. */
export const append: BenchPart = {
  name: "append",
  async run({ store, signal, log }) {
    const market = await store.market();
    const dataDir = join(store.dir, "data-append");
    rmSync(dataDir, { recursive: true, force: true });
    linkDataset(market.dataDir, dataDir);
    const day = await makeNextDay(barsPattern(dataDir), join(store.dir, "next-day.parquet"));
    try {
      const before = await publishAll(dataDir, signal, log, "all history");
      await runQuiver(["import", DATASET, day, "--data", dataDir, "--json"], signal);
      // Nothing of the old rows lies in the spool.
      removeSpool(dataDir);
      const after = await publishAll(dataDir, signal, log, "one day more");
      return report(before, after);
    } finally {
      rmSync(dataDir, { recursive: true, force: true });
      rmSync(day, { force: true });
    }
  },
};

/** Its bars by links: files that were copied are not those that were imported, and each server would hash them first. */
function linkDataset(from: string, to: string): void {
  mkdirSync(join(to, DATASET, "bars"), { recursive: true });
  for (const file of readdirSync(join(from, DATASET, "bars"))) {
    linkSync(join(from, DATASET, "bars", file), join(to, DATASET, "bars", file));
  }
  cpSync(join(from, DATASET, "dataset.json"), join(to, DATASET, "dataset.json"));
}

type Times = Readonly<Record<string, number>>;

async function publishAll(
  dataDir: string,
  signal: AbortSignal,
  log: (text: string) => void,
  what: string,
): Promise<Times> {
  const server = await startServer({ dataDir, signal });
  try {
    // A server that was just started looks at its functions first.
    await (await fetch(`${server.url}/functions`)).text();
    const times: Record<string, number> = {};
    for (const [name, params] of [...FINITE, ...RECURSIVE]) {
      const { milliseconds, stages } = await publishOnce(server, name, params, {});
      log(`${what}: ${name} in ${milliseconds.toFixed(0)} ms (${JSON.stringify(stages)})`);
      times[name] = milliseconds;
    }
    return times;
  } finally {
    await server.stop();
  }
}

function report(before: Times, after: Times) {
  const ratioOf = (name: string) => after[name]! / before[name]!;
  const finite = FINITE.map(([name]) => name);
  const sum = (times: Times) => finite.reduce((total, name) => total + times[name]!, 0);
  const summed = sum(after) / sum(before);
  const slowest = finite.reduce((a, b) => (ratioOf(a) > ratioOf(b) ? a : b));
  const figures: Figure[] = [...FINITE, ...RECURSIVE].map(([name]) =>
    plain(
      `append a day: ${name}`,
      `${after[name]!.toFixed(0)} of ${before[name]!.toFixed(0)} ms, ${(100 * ratioOf(name)).toFixed(1)} %`,
    ),
  );
  return {
    keys: { appendVsFull: rounded(summed), appendVsFullSlowest: rounded(ratioOf(slowest)) },
    figures: [
      ...figures,
      barred("append / full, finite groups summed", 100 * summed, " %", { max: 10 }, 1),
      plain("slowest of the finite groups", `${slowest}, ${(100 * ratioOf(slowest)).toFixed(1)} %`),
    ],
    details: { append: { before, after } },
  };
}
