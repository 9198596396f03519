import { rmSync } from "node:fs";
import {
  childrenOf,
  currentChecksums,
  leftovers,
  processesOf,
  processorTime,
} from "../../support/inspect-data-dir.ts";
import { seededRandom } from "../support/seeded-random.ts";
import { type BenchContext, type BenchPart, barred, type Figure, plain } from "../support/bench-part.ts";
import {
  type BenchJob,
  failuresOf,
  givenUp,
  isOver,
  jobsOf,
  orderAll,
  untilOver,
} from "../support/job-client.ts";
import { type QuiverServer, startServer } from "../support/quiver-server.ts";
import { forgetPublished, freshUsDaily, hasUsDaily } from "../support/us-daily.ts";

const DATASET = "us-daily";
/** Nobody waits here. */
const FLAGS = ["--job-nice", "0"];
const KILLS = 20;
/** A server that lives for less has hardly begun. */
const LIFE_SECONDS_MIN = 3;
const GONE_MS_MAX = 10_000;

/** With --quick: a part of the market. */
const FEW_SYMBOLS = "select distinct symbol from us_daily.bars where symbol < 'AD' order by 1";

/** Publishes everything again and again while the server, its children, or both are killed; nothing may be lost. */
export const kill: BenchPart = {
  name: "kill",
  minutesMax: 60,
  async run(context) {
    if (!hasUsDaily) return { keys: {}, figures: [plain("kill", "needs ../shared/data")] };
    const dataDir = await freshUsDaily(context, "kill");
    try {
      const undisturbed = await publishAll(context, dataDir, () => Promise.resolve(0));
      context.log(`undisturbed: ${undisturbed.jobs.length} jobs in ${undisturbed.seconds.toFixed(1)} s`);
      const figures: Figure[] = [
        plain("undisturbed publish of everything as jobs", `${undisturbed.seconds.toFixed(1)} s`),
      ];
      for (const disturber of [killServers, stopServers, killChildren]) {
        forgetPublished(dataDir);
        const run = await publishAll(context, dataDir, (life) => disturber(life, KILLS, undisturbed.seconds));
        const found = report(disturber.name, undisturbed, run);
        for (const { what, value } of found) context.log(`${what}: ${value}`);
        figures.push(...found);
      }
      return {
        keys: { killedServers: KILLS },
        figures,
        details: { kill: Object.fromEntries(figures.map(({ what, value }) => [what, value])) },
      };
    } finally {
      rmSync(dataDir, { recursive: true, force: true });
    }
  },
};

/** A server that dies and is started again. */
interface Life {
  server(): QuiverServer;
  /** Ends the server, sees that nothing is left of it, and starts the next one. */
  next(signal: "SIGKILL" | "SIGTERM"): Promise<void>;
  /** Waits a random while; false when all jobs have ended meanwhile. */
  goOn(secondsMax: number): Promise<boolean>;
  killChild(): boolean;
}

interface Run {
  readonly jobs: readonly BenchJob[];
  /** Functions whose jobs gave up and were ordered again. */
  readonly again: readonly string[];
  readonly seconds: number;
  readonly disturbances: number;
  readonly checksums: Readonly<Record<string, string>>;
  readonly left: readonly string[];
  /** From the end of the server to that of the last process it had started, and to its own end after SIGTERM. */
  readonly goneMsMax: number;
  readonly stopMsMax: number;
}

type Disturber = (life: Life, count: number, seconds: number) => Promise<number>;

const killServers: Disturber = (life, count, seconds) =>
  disturb(life, count, seconds, () => life.next("SIGKILL"));
const stopServers: Disturber = (life, count, seconds) =>
  disturb(life, Math.ceil(count / 4), seconds, () => life.next("SIGTERM"));
const killChildren: Disturber = (life, count, seconds) =>
  disturb(life, count, seconds, () => Promise.resolve(life.killChild()));

/** So often, at random moments spread over the time that the work takes undisturbed. */
async function disturb(
  life: Life,
  count: number,
  seconds: number,
  once: () => Promise<unknown>,
): Promise<number> {
  let done = 0;
  while (done < count && (await life.goOn(Math.max(LIFE_SECONDS_MIN, (2 * seconds) / (count + 1))))) {
    await once();
    done += 1;
  }
  return done;
}

async function publishAll(
  context: BenchContext,
  dataDir: string,
  disturber: (life: Life) => Promise<number>,
): Promise<Run> {
  const { signal, log } = context;
  const random = seededRandom(7);
  const start = () => startServer({ dataDir, flags: FLAGS, signal });
  let server = await start();
  let goneMsMax = 0;
  let stopMsMax = 0;
  const life: Life = {
    server: () => server,
    async next(how) {
      const since = performance.now();
      process.kill(server.pid, how);
      await until(() => !processesOf(dataDir).includes(server.pid), 30_000);
      if (how === "SIGTERM") stopMsMax = Math.max(stopMsMax, performance.now() - since);
      const endedAt = performance.now();
      // Before anybody tidied up: whatever is current is whole.
      currentChecksums(dataDir);
      await until(() => processesOf(dataDir).length === 0, GONE_MS_MAX);
      goneMsMax = Math.max(goneMsMax, performance.now() - endedAt);
      server = await start();
      const jobs = await jobsOf(server);
      log(`${how}: ${jobs.filter(isOver).length} of ${jobs.length} jobs had ended`);
    },
    async goOn(secondsMax) {
      await new Promise((resolve) => setTimeout(resolve, random() * secondsMax * 1000));
      signal.throwIfAborted();
      return !(await jobsOf(server)).every(isOver);
    },
    killChild() {
      // Most of them are idle: those that have worked most are at work.
      const busiest = childrenOf(dataDir).toSorted((a, b) => processorTime(b) - processorTime(a));
      const pid = busiest[Math.floor(random() * 2)];
      if (pid === undefined) return false;
      try {
        process.kill(pid, "SIGKILL");
        return true;
      } catch {
        // It ended before it could be killed.
        return false;
      }
    },
  };
  try {
    const startedAt = performance.now();
    const isQuick = context.scale.name === "quick";
    const part = isQuick ? { symbolsSql: FEW_SYMBOLS, bySymbolOnly: true } : {};
    const everything = { dataset: DATASET, ...part };
    await orderAll(server, everything);
    const disturbances = await disturber(life);
    const first = await untilOver(server, signal);
    const again = givenUp(first);
    await orderAll(server, { ...everything, again });
    const jobs = (await untilOver(server, signal)).filter(
      ({ id, function: name }) => !(again.includes(name) && first.some((job) => job.id === id)),
    );
    const seconds = (performance.now() - startedAt) / 1000;
    await server.stop();
    await until(() => processesOf(dataDir).length === 0, GONE_MS_MAX);
    const checksums = currentChecksums(dataDir);
    return { jobs, again, seconds, disturbances, checksums, left: leftovers(dataDir), goneMsMax, stopMsMax };
  } finally {
    await server.stop();
  }
}

function report(name: string, undisturbed: Run, run: Run): Figure[] {
  const names = Object.keys(undisturbed.checksums);
  const differing = names.filter((each) => run.checksums[each] !== undisturbed.checksums[each]);
  const failures = failuresOf(run.jobs);
  const attempts = run.jobs.reduce((sum, job) => sum + job.attempts - 1, 0);
  const of = `${name}: `;
  return [
    plain(`${of}disturbances, and attempts they cost`, `${run.disturbances}, ${attempts}`),
    plain(
      `${of}jobs that gave up after four attempts, and were ordered again`,
      run.again.join(" ") || "none",
    ),
    plain(`${of}time, undisturbed ${undisturbed.seconds.toFixed(1)} s`, `${run.seconds.toFixed(1)} s`),
    barred(`${of}jobs that did not succeed`, failures.length, "", { max: 0 }, 0),
    barred(`${of}of ${names.length} versions, other row checksums`, differing.length, "", { max: 0 }, 0),
    barred(`${of}files left behind`, run.left.length, "", { max: 0 }, 0),
    ...[...failures, ...differing, ...run.left].slice(0, 10).map((what) => plain("  namely", what)),
    ...(run.goneMsMax > 0
      ? [plain(`${of}last process gone after at most`, `${run.goneMsMax.toFixed(0)} ms`)]
      : []),
    ...(run.stopMsMax > 0
      ? [barred(`${of}stopped after at most`, run.stopMsMax / 1000, " s", { max: 10 })]
      : []),
  ];
}

async function until(condition: () => boolean, milliseconds: number): Promise<void> {
  const startedAt = performance.now();
  while (!condition()) {
    if (performance.now() - startedAt > milliseconds)
      throw new Error(`Still not so after ${milliseconds} ms: ${condition.toString()}`);
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}
