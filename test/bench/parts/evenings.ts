import { rmSync } from "node:fs";
import { join } from "node:path";
import { DuckDBInstance } from "@duckdb/node-api";
import { type BenchPart, type Figure, type PartResult, plain } from "../support/bench-part.ts";
import { copyProject } from "../support/project-copy.ts";
import { type QuiverServer, runQuiver, startServer } from "../support/quiver-server.ts";
import { rounded } from "../support/statistics.ts";
import { hasUsDaily, US_DAILY } from "../support/us-daily.ts";

const DATASET = "us-daily";
/** The evening that everything is computed on first, and how many come after it. */
const FIRST = 20_160_601;
const EVENINGS_MAX = 10;
/** No evening begins later than this after the first. */
const SECONDS_MAX = 120;

/** A reader of each column that evenings restate, a recursive one, and one that looks across symbols. */
const FUNCTIONS = ["volume-liquidity", "returns", "adjusted-momentum", "rsi-macd", "cross-section"] as const;

/** What reads adjusted closes and says how far it looks back. */
const ADJUSTED_MOMENTUM = `import { defineFeature, float64, ratio } from "quiver";
export default defineFeature({
  description: "Return of adjusted closes over 20 bars",
  inputs: { bars: { adj_close: float64 } },
  outputs: { momentum: ratio },
  memory: { lookBack: 20 },
  handler({ bars: { adj_close } }, out) {
    for (let i = 20; i < adj_close.length; i++) out.momentum[i] = adj_close[i] / adj_close[i - 20] - 1;
  },
});
`;

/** Real evenings of us-daily, each with what it restates: how much is computed again, and whether it is all right. */
export const evenings: BenchPart = {
  name: "evenings",
  async run({ store, scale, signal, log }) {
    if (!hasUsDaily) return { keys: {}, figures: [plain("evenings", "needs ../shared/data")] };
    const dir = join(store.dir, "evenings");
    rmSync(dir, { recursive: true, force: true });
    const project = copyProject(join(dir, "project"));
    project.add("functions/adjusted-momentum/index.ts", ADJUSTED_MOMENTUM);
    const dataDir = join(dir, "data");
    const isQuick = scale.name === "quick";
    const some = isQuick ? "symbol < 'AC'" : "true";
    const importSeen = async (where: string) => {
      const path = join(dir, "evening.parquet");
      await querySql(`COPY (FROM '${US_DAILY}' WHERE ${where} AND ${some}) TO '${path}' (FORMAT parquet)`);
      await runQuiver(["import", DATASET, path, "--known-at", "seen", "--data", dataDir, "--json"], signal);
    };
    const withServer = async <T>(work: (server: QuiverServer) => Promise<T>) => {
      const { functionsDir } = project;
      const server = await startServer({ dataDir, functionsDir, projectDir: project.dir, signal });
      try {
        return await work(server);
      } finally {
        await server.stop();
      }
    };
    try {
      const found = await querySql(
        `SELECT DISTINCT seen FROM '${US_DAILY}' WHERE seen > ${FIRST} ORDER BY seen LIMIT ${isQuick ? 2 : EVENINGS_MAX}`,
      );
      await importSeen(`seen <= ${FIRST}`);
      log(`before: ${shown(await withServer((server) => publishEach(server)))}`);
      const each: Evening[] = [];
      const startedAt = performance.now();
      for (const [seen] of found) {
        if (performance.now() - startedAt > SECONDS_MAX * 1000) break;
        await importSeen(`seen = ${Number(seen)}`);
        const evening = await withServer((server) => publishEach(server));
        log(`${Number(seen)}: ${shown(evening)}`);
        each.push(evening);
      }
      const whole = await withServer((server) => publishEach(server, "whole"));
      log(`everything again: ${shown(whole)}`);
      return report(each, whole);
    } finally {
      rmSync(dir, { recursive: true, force: true });
    }
  },
};

interface Made {
  readonly rowsComputed: number;
  readonly rowCount: number;
  readonly rowChecksum: string;
  readonly milliseconds: number;
}

type Evening = Readonly<Record<string, Made>>;

/** Publishes each function; beside what there is, under another name, where one is given. */
async function publishEach(server: QuiverServer, beside?: string): Promise<Evening> {
  const evening: Record<string, Made> = {};
  for (const name of FUNCTIONS) {
    const publish = beside === undefined ? {} : { as: `${name}-${beside}` };
    const startedAt = performance.now();
    const answer = await server.post(`/functions/${name}`, { dataset: DATASET, publish });
    const { rowCount, rowChecksum, made } = (await answer.json()) as {
      rowCount: number;
      rowChecksum: string;
      made: { rowsComputed: number };
    };
    const milliseconds = performance.now() - startedAt;
    evening[name] = { rowsComputed: made.rowsComputed, rowCount, rowChecksum, milliseconds };
  }
  return evening;
}

function report(each: readonly Evening[], whole: Evening): PartResult {
  const last = each.at(-1);
  const shareOf = (name: string) =>
    mean(each.map((evening) => evening[name]!.rowsComputed / evening[name]!.rowCount));
  const figures = FUNCTIONS.map((name): Figure => {
    const seconds = mean(each.map((evening) => evening[name]!.milliseconds)) / 1000;
    const wholeSeconds = whole[name]!.milliseconds / 1000;
    const share = (100 * shareOf(name)).toFixed(2);
    return plain(
      `an evening of us-daily: ${name}`,
      `${share} % of the rows, ${seconds.toFixed(2)} of ${wholeSeconds.toFixed(2)} s`,
    );
  });
  const isRight = FUNCTIONS.every((name) => last?.[name]?.rowChecksum === whole[name]?.rowChecksum);
  return {
    keys: { eveningRowsShare: rounded(Math.max(...FUNCTIONS.map(shareOf))), eveningsEqualWhole: isRight },
    figures: [
      ...figures,
      plain(`after ${each.length} evenings, as if computed at once`, isRight ? "yes, bit for bit" : "NO"),
    ],
    details: { evenings: { each, whole } },
  };
}

function shown(evening: Evening): string {
  return Object.entries(evening)
    .map(
      ([name, { rowsComputed, milliseconds }]) => `${name} ${rowsComputed} in ${milliseconds.toFixed(0)} ms`,
    )
    .join(", ");
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

async function querySql(sql: string): Promise<readonly (readonly unknown[])[]> {
  const instance = await DuckDBInstance.create(":memory:", { threads: "2" });
  const connection = await instance.connect();
  try {
    return (await connection.runAndReadAll(sql)).getRows();
  } finally {
    connection.closeSync();
    instance.closeSync();
  }
}
