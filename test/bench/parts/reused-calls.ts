import { barred, plain, type BenchPart } from "../support/bench-part.ts";
import { callSymbol } from "../support/call-symbol.ts";
import { BENCH_FUNCTIONS } from "../support/paths.ts";
import { publishOnce } from "../support/publish-once.ts";
import { startServer } from "../support/quiver-server.ts";
import { median, percentile, rounded } from "../support/statistics.ts";
import { removeFeatures, removeSpool } from "../support/store.ts";

const WARM_UP_CALLS = 100;

/** Calls over distinct symbols to a function that asks for reuse: one warm process answers them all. */
export const reusedCalls: BenchPart = {
  name: "reused-calls",
  async run({ store, scale, signal }) {
    const { dataDir } = await store.market();
    removeSpool(dataDir);
    removeFeatures(dataDir);
    const server = await startServer({ dataDir, functionsDir: BENCH_FUNCTIONS, signal });
    try {
      await publishOnce(server, "ema-close", {}, {});
      removeFeatures(dataDir);
      const times: number[] = [];
      const warmUp = Math.min(WARM_UP_CALLS, scale.freshCalls);
      for (let number = 0; number < warmUp + scale.freshCalls && !signal.aborted; number++) {
        const { milliseconds } = await callSymbol(server, "rsi-reused", number, scale.symbolCount, {});
        if (number >= warmUp) times.push(milliseconds);
      }
      const [p50, p99] = [median(times), percentile(times, 0.99)];
      return {
        keys: { reuseCallMs: { p50: rounded(p50, 2) } },
        figures: [
          barred("call of a reused process: p50", p50, " ms", { max: 2 }),
          plain("call of a reused process: p99", `${p99.toFixed(2)} ms`),
        ],
        details: { reusedCalls: { p99 } },
      };
    } finally {
      await server.stop();
    }
  },
};
