import { barred, type BenchContext, type BenchPart, type Figure, plain } from "../support/bench-part.ts";
import { callSymbol } from "../support/call-symbol.ts";
import { isOver, jobsOf, orderAll } from "../support/job-client.ts";
import { publishOnce } from "../support/publish-once.ts";
import { type QuiverServer, runQuiver, startServer } from "../support/quiver-server.ts";
import { median, percentile, rounded } from "../support/statistics.ts";
import { DATASET, removeFeatures, removeSpool } from "../support/store.ts";

const FUNCTION = "rsi-macd";
const CALLS_MAX = 400;
const CALLS_MIN = 20;
const MEASURE_MS = 60_000;
/** Between two calls: one caller, who looks at one symbol after the other. */
const PAUSE_MS = 50;

interface Measured {
  readonly calls: readonly number[];
  readonly wasBusy: boolean;
}

/** One-symbol calls while everything is published: as jobs, and by a command that waits. */
export const fairness: BenchPart = {
  name: "fairness",
  async run(context) {
    const { store, signal, log } = context;
    const { dataDir } = await store.market();
    const withServer = async (measure: (server: QuiverServer) => Promise<Measured>) => {
      removeSpool(dataDir);
      removeFeatures(dataDir);
      const server = await startServer({ dataDir, signal });
      try {
        // Its columns are loaded, as those of a server that has run for a while are.
        await publishOnce(server, FUNCTION, {}, {});
        await callsUntil(server, context, 100, () => false);
        return await measure(server);
      } finally {
        await server.stop();
      }
    };
    log("alone");
    const alone = await withServer(async (server) => ({
      calls: await callsUntil(server, context, 200, () => false),
      wasBusy: false,
    }));
    log("beside jobs");
    const jobs = await withServer(async (server) => {
      await orderAll(server, { dataset: DATASET });
      let over = false;
      const calls = await callsUntil(
        server,
        context,
        CALLS_MAX,
        () => over,
        async () => {
          over = (await jobsOf(server)).every(isOver);
        },
      );
      const wasBusy = !(await jobsOf(server)).every(isOver);
      for (const job of await jobsOf(server))
        if (!isOver(job)) await fetch(`${server.url}/invocations/${job.id}`, { method: "DELETE" });
      return { calls, wasBusy };
    });
    log("beside a command that publishes everything");
    const command = await withServer(async (server) => {
      const stop = new AbortController();
      let over = false;
      const published = runQuiver(["publish", "--all", "--dataset", DATASET, "--data", dataDir], stop.signal)
        .catch(() => "")
        .finally(() => (over = true));
      const calls = await callsUntil(server, context, CALLS_MAX, () => over);
      const wasBusy = !over;
      stop.abort();
      await published;
      return { calls, wasBusy };
    });
    return {
      keys: {
        fairnessMs: { p50: rounded(median(jobs.calls), 1), p95: rounded(percentile(jobs.calls, 0.95), 1) },
      },
      figures: [
        plain("one symbol, alone: p50 / p95", both(alone.calls)),
        ...figures("one symbol beside a publish of everything as jobs", jobs),
        ...figures("one symbol beside quiver publish --all", command),
      ],
      details: {
        fairness: { alone: alone.calls.length, jobs: jobs.calls.length, command: command.calls.length },
      },
    };
  },
};

function figures(what: string, { calls, wasBusy }: Measured): Figure[] {
  const until = wasBusy ? "which was not done by then" : "to its end";
  return [
    plain(`${what}, ${calls.length} calls, ${until}: p50`, `${median(calls).toFixed(1)} ms`),
    barred(`${what}: p95`, percentile(calls, 0.95), " ms", { max: 100 }, 1),
    plain(`${what}: longest`, `${Math.max(...calls).toFixed(1)} ms`),
  ];
}

async function callsUntil(
  server: QuiverServer,
  { scale, signal }: BenchContext,
  count: number,
  isOver: () => boolean,
  look?: () => Promise<void>,
): Promise<number[]> {
  const calls: number[] = [];
  const startedAt = performance.now();
  for (let number = 0; number < count && !signal.aborted; number++) {
    if (calls.length >= CALLS_MIN && (isOver() || performance.now() - startedAt > MEASURE_MS)) break;
    const { milliseconds } = await callSymbol(server, FUNCTION, number + count, scale.symbolCount);
    calls.push(milliseconds);
    if (number % 20 === 0) await look?.();
    await new Promise((resolve) => setTimeout(resolve, PAUSE_MS));
  }
  return calls;
}

function both(calls: readonly number[]): string {
  return `${median(calls).toFixed(1)} / ${percentile(calls, 0.95).toFixed(1)} ms`;
}
