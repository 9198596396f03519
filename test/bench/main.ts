import { rmSync } from "node:fs";
import { lockDataDir } from "../../runtime/store/data-lock.ts";
import { messageOf } from "../../shared/errors/index.ts";
import { alpha158 } from "./parts/alpha158.ts";
import { append } from "./parts/append.ts";
import { catalogue } from "./parts/catalogue.ts";
import { columns } from "./parts/columns.ts";
import { dayFiles } from "./parts/day-files.ts";
import { evenings } from "./parts/evenings.ts";
import { freshCalls } from "./parts/fresh-calls.ts";
import { groups } from "./parts/groups.ts";
import { importing } from "./parts/importing.ts";
import { kernels } from "./parts/kernels.ts";
import { fairness } from "./parts/fairness.ts";
import { kill } from "./parts/kill.ts";
import { largePublish } from "./parts/large-publish.ts";
import { neverTwice } from "./parts/never-twice.ts";
import { publish } from "./parts/publish.ts";
import { python } from "./parts/python.ts";
import { reusedCalls } from "./parts/reused-calls.ts";
import { sharedMemory } from "./parts/shared-memory.ts";
import { sqlStream } from "./parts/sql-stream.ts";
import { trainingSet } from "./parts/training-set.ts";
import type { BenchPart, Figure, PartResult } from "./support/bench-part.ts";
import { machine } from "./support/machine.ts";
import { parseOptions, USAGE } from "./support/options.ts";
import { figuresTable } from "./support/figures-table.ts";
import { FULL, QUICK } from "./support/scale.ts";
import { openStore } from "./support/store.ts";

const PARTS: readonly BenchPart[] = [
  importing,
  publish,
  append,
  evenings,
  neverTwice,
  columns,
  freshCalls,
  reusedCalls,
  sharedMemory,
  largePublish,
  sqlStream,
  trainingSet,
  dayFiles,
  kill,
  fairness,
  python,
  kernels,
  alpha158,
  groups,
  catalogue,
];

/** Keys that the JSON object always has; null where the part that measures one did not run. */
const KEYS: readonly string[] = [
  "publishVsDuckdbCopy",
  "publishVsDuckdbCopyUncompressed",
  "publishVsPolars",
  "appendVsFull",
  "appendVsFullSlowest",
  "eveningRowsShare",
  "eveningsEqualWhole",
  "secondPublishMs",
  "editsRerunAsExpected",
  "secondFunctionLoadMs",
  "freshCallMs",
  "freshCallsPerSecond",
  "reuseCallMs",
  "pssFourChildrenGiB",
  "publish50mPeakGiB",
  "publish50mPerRowVs10m",
  "sqlStreamMBps",
  "trainingSetSeconds",
  "trainingSetPeakGiB",
  "kernelsVsTechnicalindicators",
  "kernelsVsTradingSignals",
  "kernelsVsIndicatorts",
  "kernelsVsPolars",
  "alpha158Seconds",
];

const STOP_MS_MAX = 5_000;
const MINUTES_MAX = 20;

async function main(args: readonly string[]): Promise<number> {
  const names = PARTS.map((part) => part.name);
  if (args.includes("--help") || args.includes("-h")) {
    process.stdout.write(USAGE.replace("PARTS", names.join(", ")));
    return 0;
  }
  const options = parseOptions(args, names);
  if (typeof options === "string") {
    process.stderr.write(`${options}\n${USAGE.replace("PARTS", names.join(", "))}`);
    return 2;
  }
  const stop = new AbortController();
  for (const signal of ["SIGINT", "SIGTERM"] as const) {
    process.on(signal, () => {
      stop.abort();
      // A part that does not heed it must not keep the terminal.
      setTimeout(() => process.exit(130), STOP_MS_MAX).unref();
    });
  }
  const log = (text: string) => process.stderr.write(`· ${text}\n`);
  const scale = options.quick ? QUICK : FULL;
  const store = openStore(options.cacheDir, scale, stop.signal, log);
  // Two benchmarks at once would remove each other's files, and measure each other.
  const lock = await lockDataDir(store.dir, "bench", 0);
  const results: PartResult[] = [];
  let failed = 0;
  try {
    for (const part of PARTS) {
      if (stop.signal.aborted || (options.only.length > 0 && !options.only.includes(part.name))) continue;
      log(`${part.name} …`);
      const result = await runPart(part, { scale, store, signal: stop.signal, log, python: options.python });
      if (result.failed) failed += 1;
      results.push(result.result);
      if (!options.json) process.stdout.write(figuresTable(part.name, result.result.figures));
    }
  } finally {
    lock.release();
    if (options.clean) rmSync(options.cacheDir, { recursive: true, force: true });
  }
  const keys = Object.assign({}, ...results.map((result) => result.keys)) as Record<string, unknown>;
  const details = Object.assign({}, ...results.map((result) => result.details ?? {})) as Record<
    string,
    unknown
  >;
  const measuredOn = machine();
  if (options.json) {
    const all = Object.fromEntries(KEYS.map((key) => [key, keys[key] ?? null]));
    process.stdout.write(`${JSON.stringify({ ...all, ...keys, scale: scale.name, measuredOn, details })}\n`);
  } else {
    const { cpu, cores, memoryGiB, kernel, versions, date } = measuredOn;
    const packages = Object.entries(versions).map(([name, version]) => `${name} ${version}`);
    process.stdout.write(
      `Measured on ${date}: ${cpu}, ${cores} cores, ${memoryGiB} GiB, ${kernel}; ${packages.join(", ")}.\n`,
    );
    if (options.quick) process.stdout.write("With --quick these times say nothing.\n");
  }
  return stop.signal.aborted ? 130 : failed === 0 ? 0 : 1;
}

/** A part that fails is told in its place; the others still run. */
async function runPart(
  part: BenchPart,
  context: Parameters<BenchPart["run"]>[0],
): Promise<{ result: PartResult; failed: boolean }> {
  try {
    return { result: await Promise.race([part.run(context), tooLong(part)]), failed: false };
  } catch (error) {
    const why = messageOf(error);
    const figure: Figure = { what: part.name, value: `failed: ${why}`, good: false };
    return {
      result: { keys: {}, figures: [figure], details: { [part.name]: { failed: why } } },
      failed: true,
    };
  }
}

/** Every wait within a part has its own bound; this one is for those that nobody thought of. */
function tooLong({ name, minutesMax = MINUTES_MAX }: BenchPart): Promise<never> {
  return new Promise((_resolve, reject) => {
    const fail = () => reject(new Error(`${name} did not end within ${minutesMax} minutes`));
    setTimeout(fail, minutesMax * 60_000).unref();
  });
}

try {
  process.exitCode = await main(process.argv.slice(2));
} catch (error) {
  process.stderr.write(`${messageOf(error)}\n`);
  process.exitCode = 1;
}
