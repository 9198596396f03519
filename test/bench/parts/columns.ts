import { barred, plain, type BenchPart } from "../support/bench-part.ts";
import { startLineWorker } from "../support/line-worker.ts";
import { BENCH_FUNCTIONS } from "../support/paths.ts";
import { serverTimings } from "../support/publish-once.ts";
import { type QuiverServer, startServer } from "../support/quiver-server.ts";
import { rounded } from "../support/statistics.ts";
import { barsPattern, DATASET, removeFeatures, removeSpool } from "../support/store.ts";

/** What three functions in a row read: ts and close, nothing, and one column more. */
export const columns: BenchPart = {
  name: "columns",
  async run({ store, signal }) {
    const { dataDir } = await store.market();
    removeSpool(dataDir);
    removeFeatures(dataDir);
    const server = await startServer({ dataDir, functionsDir: BENCH_FUNCTIONS, signal });
    try {
      const first = await load(server, "ema-close");
      const second = await load(server, "highest-close");
      const third = await load(server, "close-in-range");
      const stored = await storedBytes(barsPattern(dataDir), signal);
      const share = third.bytesRead / stored.high;
      return {
        keys: { secondFunctionLoadMs: rounded(second.loadMs, 1) },
        figures: [
          plain("first function (ts, close): load", `${first.loadMs.toFixed(0)} ms`),
          plain("first function: bytes read", megabytes(first.bytesRead)),
          barred("second function, same columns: plan and load", second.loadMs, " ms", { max: 20 }, 1),
          plain("second function: bytes read", megabytes(second.bytesRead)),
          plain("third function, one column more: bytes read", megabytes(third.bytesRead)),
          barred("  over that column's bytes in the files", share, "", { max: 1.1 }),
          plain("  over the bytes of the whole files", (third.bytesRead / stored.all).toFixed(2)),
        ],
        details: { columns: { first, second, third, stored } },
      };
    } finally {
      await server.stop();
      removeFeatures(dataDir);
    }
  },
};

interface Load {
  /** Deciding what is missing and reading it. */
  readonly loadMs: number;
  readonly bytesRead: number;
  readonly stages: Readonly<Record<string, number>>;
}

async function load(server: QuiverServer, name: string): Promise<Load> {
  const response = await server.post(`/functions/${name}`, { dataset: DATASET, publish: true });
  await response.arrayBuffer();
  const stages = serverTimings(response);
  const id = response.headers.get("quiver-invocation") ?? "";
  const record = (await (await fetch(`${server.url}/invocations/${id}`)).json()) as { bytesRead: number };
  const loadMs = (stages["plan"] ?? 0) + (stages["load"] ?? 0);
  return { loadMs, bytesRead: record.bytesRead, stages };
}

/** Compressed bytes of one column, and of all, as the files' own metadata say. */
async function storedBytes(pattern: string, signal: AbortSignal): Promise<{ high: number; all: number }> {
  const duckdb = startLineWorker(
    { script: new URL("../support/duckdb-worker.ts", import.meta.url).pathname },
    { signal },
  );
  try {
    const size = "sum(total_compressed_size)";
    const { rows } = await duckdb.ask<{ rows: [string, string][] }>({
      sql: `SELECT ${size} FILTER (path_in_schema = 'high'), ${size} FROM parquet_metadata('${pattern}')`,
    });
    const [high, all] = rows[0] ?? ["0", "0"];
    return { high: Number(high), all: Number(all) };
  } finally {
    await duckdb.stop();
  }
}

function megabytes(bytes: number): string {
  return `${(bytes / 1e6).toFixed(2)} MB`;
}
