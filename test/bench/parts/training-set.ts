import { DuckDBInstance } from "@duckdb/node-api";
import { existsSync, mkdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { dataFile } from "../../support/real-data.ts";
import { plain, type BenchContext, type BenchPart } from "../support/bench-part.ts";
import { canMeasurePss, pssOfTree, watchPss } from "../support/process-tree.ts";
import { type QuiverServer, runQuiver, startServer } from "../support/quiver-server.ts";
import { median, rounded } from "../support/statistics.ts";

/** Feature sets that the columns are taken from, in this order, until there are enough. */
const SETS = ["rsi-macd", "bands", "oscillators", "trend", "volatility"];
const COLUMNS = 50;
const ROWS = 1_000_000;
const QUICK_ROWS = 2_000;
const ROUNDS_MAX = 3;
const GIB = 2 ** 30;

/** Entity rows at random moments joined with fifty features of real bars, every observation of which is kept. */
export const trainingSet: BenchPart = {
  name: "training-set",
  async run(context) {
    const { scale, signal, log } = context;
    if (!existsSync(dataFile("us-daily/observations.parquet"))) {
      return { keys: {}, figures: [plain("training set", "not measured: ../shared/data is not there")] };
    }
    const rowCount = scale.name === "full" ? ROWS : QUICK_ROWS;
    const { dataDir, entities } = await prepare(context, rowCount);
    const server = await startServer({ dataDir, signal });
    try {
      const columns = await publishAll(server, log);
      const seconds: Record<Restated, number[]> = { hold: [], allow: [] };
      let peak = 0;
      let idle = 0;
      let byteLength = 0;
      for (let round = 1; round <= Math.min(scale.rounds, ROUNDS_MAX); round++) {
        for (const restated of ["hold", "allow"] as const) {
          log(`training set, ${restated}, round ${round}`);
          idle ||= pssOfTree(server.pid);
          const peakOf = watchPss(server.pid);
          const startedAt = performance.now();
          byteLength = await ask(server, columns, restated, entities, rowCount);
          seconds[restated].push((performance.now() - startedAt) / 1000);
          peak = Math.max(peak, peakOf());
        }
      }
      const [hold, allow] = [median(seconds.hold), median(seconds.allow)];
      const memory = canMeasurePss() ? peak / GIB : null;
      return {
        keys: {
          trainingSetSeconds: rounded(hold, 2),
          trainingSetPeakGiB: memory === null ? null : rounded(memory, 2),
        },
        figures: [
          plain("rows × features", `${rowCount.toLocaleString("en-US")} × ${columns.length}`),
          plain("values held until settled", `${hold.toFixed(2)} s`),
          plain("restated values allowed", `${allow.toFixed(2)} s`),
          plain("the answer, an Arrow stream", `${(byteLength / 1e6).toFixed(0)} MB`),
          plain(
            "peak memory, server and all below",
            memory === null ? "not measured" : `${memory.toFixed(2)} GiB`,
          ),
          plain("  before the first of them", `${(idle / GIB).toFixed(2)} GiB`),
        ],
        details: { trainingSet: { seconds, peakBytes: peak, idleBytes: idle, byteLength, columns } },
      };
    } finally {
      await server.stop();
    }
  },
};

type Restated = "hold" | "allow";

async function prepare({ store, signal, log }: BenchContext, rowCount: number) {
  const dataDir = join(store.dir, "data-us-daily");
  const source = dataFile("us-daily/observations.parquet");
  if (!existsSync(join(dataDir, "us-daily", "dataset.json"))) {
    log("importing us-daily, once");
    await runQuiver(
      ["import", "us-daily", source, "--calendar", "us-equities", "--data", dataDir, "--json"],
      signal,
    );
  }
  const scratch = join(store.dir, "scratch");
  mkdirSync(scratch, { recursive: true });
  const entities = join(scratch, `entities-${rowCount}.parquet`);
  if (!existsSync(entities)) await makeEntities(source, entities, rowCount);
  return { dataDir, entities };
}

/** Symbol-days that there are, in no order, each at some hour of its day: the same ones in every run. */
async function makeEntities(source: string, path: string, rowCount: number): Promise<void> {
  const instance = await DuckDBInstance.create(":memory:", { threads: "2", memory_limit: "2GB" });
  const connection = await instance.connect();
  await connection.run("SET TimeZone = 'UTC'");
  await connection.run(`
    COPY (
      SELECT symbol, timezone('UTC', date::TIMESTAMP) + to_minutes((h % 2880)::INTEGER) AS ts, h % 5 AS fold
      FROM (SELECT symbol, date, hash(symbol, date, 7) AS h FROM (SELECT DISTINCT symbol, date FROM read_parquet('${source}')))
      ORDER BY h LIMIT ${rowCount}
    ) TO '${path}' (FORMAT parquet)`);
  connection.closeSync();
  instance.closeSync();
}

/** Publishes the sets; gives references to the first columns of them. */
async function publishAll(server: QuiverServer, log: (text: string) => void): Promise<string[]> {
  const columns: string[] = [];
  for (const set of SETS) {
    if (columns.length >= COLUMNS) break;
    log(`publishing ${set} over us-daily`);
    const response = await server.post(`/functions/${set}`, { dataset: "us-daily", publish: true });
    const { schema } = (await response.json()) as { schema: readonly { readonly name: string }[] };
    const names = schema.map(({ name }) => name).filter((name) => name !== "symbol" && name !== "ts");
    columns.push(...names.map((name) => `us-daily:${set}.${name}`));
  }
  return columns.slice(0, COLUMNS);
}

/** Sends the rows and reads the answer to its end; gives its length. */
async function ask(
  server: QuiverServer,
  columns: readonly string[],
  restated: Restated,
  entities: string,
  rowCount: number,
): Promise<number> {
  const query = new URLSearchParams({ features: columns.join(","), restated, format: "arrow" });
  const response = await fetch(`${server.url}/training-set?${query.toString()}`, {
    method: "POST",
    headers: { "content-type": "application/vnd.apache.parquet" },
    body: new Uint8Array(readFileSync(entities)),
  });
  if (!response.ok) throw new Error(`The training set was refused: ${await response.text()}`);
  let byteLength = 0;
  for await (const chunk of response.body ?? []) byteLength += chunk.byteLength;
  if (byteLength < rowCount * columns.length * 8) {
    throw new Error(`${rowCount} rows of ${columns.length} features came as ${byteLength} bytes`);
  }
  return byteLength;
}
