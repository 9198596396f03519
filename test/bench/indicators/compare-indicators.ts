import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { executablePath } from "../../../runtime/platform/executable-path.ts";
import { runtimeName } from "../../../runtime/platform/runtime-facts.ts";
import { barred, plain, type BenchContext, type Figure } from "../support/bench-part.ts";
import { installPackages } from "../support/install-packages.ts";
import { type LineWorker, startLineWorker } from "../support/line-worker.ts";
import { startPolars } from "../support/polars.ts";
import type { WorkTime } from "../support/processor-clock.ts";
import { median, rounded } from "../support/statistics.ts";
import { DATASET } from "../support/store.ts";
import { agreement } from "./agreement.ts";
import { INDICATORS, type Indicator } from "./indicator.ts";

/** The slow ones get fewer rows. */
const LIBRARIES = [
  { name: "technicalindicators", key: "kernelsVsTechnicalindicators", bar: 10, rowCountMax: 1_000_000 },
  { name: "trading-signals", key: "kernelsVsTradingSignals", bar: 10, rowCountMax: 1_000_000 },
  { name: "indicatorts", key: "kernelsVsIndicatorts", bar: 2, rowCountMax: Infinity },
] as const;

interface Contender {
  readonly name: string;
  readonly key: string;
  readonly bar: number;
  readonly worker: LineWorker;
}

interface Compared {
  readonly keys: Readonly<Record<string, number | null>>;
  readonly figures: readonly Figure[];
  readonly details: unknown;
}

/**
 * Nanoseconds per row of five indicators: ours on one thread, other libraries on one thread, polars on two and on one, in
 * turns within one run. A key is the smallest of the five ratios. Values are compared first.
 */
export async function compareIndicators(
  dataDir: string,
  columnsDir: string,
  context: BenchContext,
): Promise<Compared> {
  const { signal, log, scale } = context;
  const barsDir = join(dataDir, DATASET, "bars");
  const contenders: Contender[] = [];
  const figures: Figure[] = [];
  const skip = (name: string, missing: string) => figures.push(plain(name, `skipped: ${missing}`));
  const script = (name: string) => fileURLToPath(new URL(name, import.meta.url));
  const start = (name: string, args: readonly string[]) => {
    const run = runtimeName() === "deno" ? ["run", "-A", "--quiet"] : [];
    return startLineWorker({ file: executablePath(), args: [...run, script(name), ...args] }, { signal });
  };
  const own = start("own-worker.ts", [columnsDir]);
  try {
    const installed = await installPackages(
      context.store.dir,
      { manifest: "indicators", proof: "technicalindicators" },
      context,
    );
    for (const { name, key, bar, rowCountMax } of LIBRARIES) {
      if ("missing" in installed) skip(name, installed.missing);
      else {
        const worker = start("library-worker.ts", [installed.dir, name, columnsDir, String(rowCountMax)]);
        contenders.push({ name, key, bar, worker });
      }
    }
    for (const threads of [2, 1]) {
      const polars = await startPolars(context.store.dir, context, {
        script: "../indicators/polars-worker.ts",
        args: [barsDir],
        threads,
      });
      const name = `nodejs-polars, ${threads} thread${threads === 1 ? "" : "s"}`;
      const key = threads === 2 ? "kernelsVsPolars" : "kernelsVsPolarsOneThread";
      if ("missing" in polars) skip(name, polars.missing);
      else contenders.push({ name, key, bar: 3, worker: polars.worker });
    }
    const agreements = await agreement(own, contenders);
    const times = await inTurns(own, contenders, scale.rounds, log);
    return report(contenders, times, agreements, figures);
  } finally {
    await Promise.all([own, ...contenders.map(({ worker }) => worker)].map((worker) => worker.stop()));
  }
}

interface Cost {
  readonly nanoseconds: number;
  /** Of the process itself, its other threads included: what a busy machine does not change much. */
  readonly processorNanoseconds: number;
  readonly rowCount: number;
}
type Times = Readonly<Record<Indicator, Readonly<Record<string, Cost>>>>;

/** Medians by row; of each, the first round warms up and is not counted. */
async function inTurns(
  own: LineWorker,
  contenders: readonly Contender[],
  rounds: number,
  log: (text: string) => void,
): Promise<Times> {
  const all = [{ name: "quiver", worker: own }, ...contenders];
  const times = {} as Record<Indicator, Record<string, Cost>>;
  for (const indicator of INDICATORS) {
    log(`${indicator}, ${rounds} rounds, in turns with ${contenders.length} others`);
    const measured = all.map(() => [] as (WorkTime & { rowCount: number })[]);
    for (let round = 0; round <= rounds; round++) {
      for (const [i, { worker }] of all.entries()) {
        const answer = await worker.ask<WorkTime & { rowCount: number }>({ indicator });
        if (round > 0) measured[i]!.push(answer);
      }
    }
    times[indicator] = Object.fromEntries(all.map(({ name }, i) => [name, costOf(measured[i]!)]));
  }
  return times;
}

function costOf(rounds: readonly (WorkTime & { readonly rowCount: number })[]): Cost {
  const perRow = (milliseconds: readonly number[]) => (median(milliseconds) * 1e6) / rowCount;
  const rowCount = rounds[0]?.rowCount ?? 0;
  return {
    nanoseconds: perRow(rounds.map(({ milliseconds }) => milliseconds)),
    processorNanoseconds: perRow(rounds.map(({ processorMs }) => processorMs)),
    rowCount,
  };
}

function report(
  contenders: readonly Contender[],
  times: Times,
  agreements: Readonly<Record<string, Readonly<Record<string, number>>>>,
  skipped: readonly Figure[],
): Compared {
  const figures: Figure[] = INDICATORS.map((indicator) =>
    plain(`${indicator}: quiver, one thread`, `${times[indicator]["quiver"]!.nanoseconds.toFixed(2)} ns`),
  );
  const keys: Record<string, number | null> = Object.fromEntries(
    [...LIBRARIES.map(({ key }) => key), "kernelsVsPolars"].map((key) => [key, null]),
  );
  const ratios: Record<string, Record<string, number>> = {};
  for (const { name, key, bar } of contenders) {
    const each = INDICATORS.map((indicator) => {
      const { nanoseconds, rowCount } = times[indicator][name]!;
      const ratio = nanoseconds / times[indicator]["quiver"]!.nanoseconds;
      (ratios[name] ??= {})[indicator] = rounded(ratio, 2);
      figures.push(
        plain(`${indicator}: ${name} (${rowCount} rows)`, `${nanoseconds.toFixed(1)} ns`),
        barred("  over quiver", ratio, "×", { min: bar }, 1),
      );
      return ratio;
    });
    keys[key] = rounded(Math.min(...each), 2);
    figures.push(plain(`largest difference from ${name}`, largest(agreements[name] ?? {})));
  }
  return { keys, figures: [...figures, ...skipped], details: { times, ratios, agreements } };
}

function largest(differences: Readonly<Record<string, number>>): string {
  const [column, most] = Object.entries(differences).reduce((a, b) => (b[1] > a[1] ? b : a), ["none", 0]);
  return `${most.toExponential(1)} (${column})`;
}
