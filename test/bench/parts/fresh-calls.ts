import { barred, plain, type BenchContext, type BenchPart } from "../support/bench-part.ts";
import { callSymbol, type SymbolCall } from "../support/call-symbol.ts";
import { publishOnce } from "../support/publish-once.ts";
import { type QuiverServer, startServer } from "../support/quiver-server.ts";
import { median, percentile, rounded } from "../support/statistics.ts";
import { removeFeatures, removeSpool } from "../support/store.ts";

const FUNCTION = "rsi-macd";
const POOL = ["--children-max", "8"];
/** Calls before the counted ones: a server that just started has compiled nothing yet. */
const WARM_UP_CALLS = 100;

/** One symbol, 2,000 rows, over HTTP, each call in a process of its own. */
export const freshCalls: BenchPart = {
  name: "fresh-calls",
  async run(context) {
    const { store, scale, signal, log } = context;
    const { dataDir } = await store.market();
    removeSpool(dataDir);
    removeFeatures(dataDir);
    log("cold columns");
    const cold = await withServer(context, dataDir, "bun", (server) =>
      sequence(server, Math.ceil(scale.freshCalls / 5), scale.symbolCount, signal),
    );
    log("loaded columns");
    const { loaded, perSecond } = await withServer(context, dataDir, "bun", async (server) => {
      await loadColumns(server, dataDir);
      const calls = await sequence(server, scale.freshCalls, scale.symbolCount, signal);
      return { loaded: calls, perSecond: await sustained(server, scale.sustainedMs, scale.symbolCount) };
    });
    log("Deno");
    const deno = await withServer(context, dataDir, "deno", async (server) => {
      await loadColumns(server, dataDir);
      return sequence(server, Math.ceil(scale.freshCalls / 5), scale.symbolCount, signal);
    });
    const [p50, p99] = [middle(loaded), percentile(times(loaded), 0.99)];
    return {
      keys: {
        freshCallMs: { p50: rounded(p50, 2), p99: rounded(p99, 2) },
        freshCallsPerSecond: rounded(perSecond, 1),
      },
      figures: [
        barred("fresh call, columns loaded: p50", p50, " ms", { max: 8 }),
        barred("fresh call, columns loaded: p99", p99, " ms", { max: 25 }),
        ...stageFigures(loaded),
        barred("fresh calls per second, 4 callers", perSecond, "/s", { min: 100 }, 0),
        plain("fresh call, columns cold: p50 / p99", both(cold)),
        plain("fresh call on Deno, columns loaded: p50 / p99", both(deno)),
      ],
      details: {
        freshCalls: {
          stages: stageMedians(loaded),
          cold: { p50: middle(cold), p99: percentile(times(cold), 0.99), stages: stageMedians(cold) },
          deno: { p50: middle(deno), p99: percentile(times(deno), 0.99), stages: stageMedians(deno) },
        },
      },
    };
  },
};

async function withServer<T>(
  { signal }: BenchContext,
  dataDir: string,
  runtime: "bun" | "deno",
  measure: (server: QuiverServer) => Promise<T>,
): Promise<T> {
  const server = await startServer({ dataDir, runtime, flags: POOL, signal });
  try {
    return await measure(server);
  } finally {
    await server.stop();
  }
}

async function loadColumns(server: QuiverServer, dataDir: string): Promise<void> {
  await publishOnce(server, FUNCTION, {}, {});
  removeFeatures(dataDir);
}

async function sequence(
  server: QuiverServer,
  count: number,
  symbolCount: number,
  signal: AbortSignal,
): Promise<SymbolCall[]> {
  const calls: SymbolCall[] = [];
  const warmUp = Math.min(WARM_UP_CALLS, count);
  for (let number = 0; number < warmUp + count && !signal.aborted; number++) {
    // Counted calls begin with the first symbol: none of them was asked for by the warm-up before.
    const call = await callSymbol(server, FUNCTION, (number + count) % (warmUp + count), symbolCount);
    if (number >= warmUp) calls.push(call);
  }
  return calls;
}

/** Four callers, each with its next call as soon as it has its answer: calls answered per second. */
async function sustained(server: QuiverServer, milliseconds: number, symbolCount: number): Promise<number> {
  const startedAt = performance.now();
  let next = 10_000;
  let answered = 0;
  await Promise.all(
    [1, 2, 3, 4].map(async () => {
      while (performance.now() - startedAt < milliseconds) {
        await callSymbol(server, FUNCTION, next++, symbolCount);
        answered += 1;
      }
    }),
  );
  return (answered / (performance.now() - startedAt)) * 1000;
}

function times(calls: readonly SymbolCall[]): number[] {
  return calls.map((call) => call.milliseconds);
}

function middle(calls: readonly SymbolCall[]): number {
  return median(times(calls));
}

function both(calls: readonly SymbolCall[]): string {
  return `${middle(calls).toFixed(2)} / ${percentile(times(calls), 0.99).toFixed(2)} ms`;
}

function stageMedians(calls: readonly SymbolCall[]): Record<string, number> {
  const names = [...new Set(calls.flatMap((call) => Object.keys(call.stages)))];
  return Object.fromEntries(
    names.map((name) => [name, rounded(median(calls.map((call) => call.stages[name] ?? 0)), 2)]),
  );
}

function stageFigures(calls: readonly SymbolCall[]) {
  return Object.entries(stageMedians(calls)).map(([stage, value]) =>
    plain(`  of it ${stage} (median)`, `${value.toFixed(2)} ms`),
  );
}
