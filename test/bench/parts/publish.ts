import { existsSync, mkdirSync, readdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import { barred, plain, type BenchPart, type PartResult } from "../support/bench-part.ts";
import { type LineWorker, startLineWorker } from "../support/line-worker.ts";
import { startPolars } from "../support/polars.ts";
import { publishOnce, type Published } from "../support/publish-once.ts";
import { type QuiverServer, startServer } from "../support/quiver-server.ts";
import { median, rounded } from "../support/statistics.ts";
import { barsPattern, removeFeatures, removeSpool } from "../support/store.ts";

/** Begins with the first values, as every exponential mean of polars does: comparable bit for bit in principle. */
const POLARS_PARAMS = { period: 14, fast: 12, slow: 26, signal: 9 };

/** The whole of `publish rsi-macd` beside DuckDB's COPY of as many columns and beside nodejs-polars. */
export const publish: BenchPart = {
  name: "publish",
  async run(context) {
    const { store, scale, signal, log } = context;
    const { dataDir } = await store.market();
    const scratch = join(store.dir, "scratch");
    mkdirSync(scratch, { recursive: true });
    removeSpool(dataDir);
    const pattern = barsPattern(dataDir);
    const duckdb = startLineWorker({ script: scriptPath("duckdb-worker.ts") }, { signal });
    const polars = await startPolars(store.dir, context);
    // Columns go as soon as nobody uses them: every publish finds the spool empty, in a server that is warm.
    const server = await startServer({ dataDir, flags: ["--spool-bytes", "1MiB"], signal });
    try {
      const rounds = { ours: rows(), copy: rows(), oursPlain: rows(), copyPlain: rows(), polars: rows() };
      const stages: Published["stages"][] = [];
      // The first round warms everything up and is not counted.
      for (let round = 0; round <= scale.rounds; round++) {
        log(`publish, round ${round} of ${scale.rounds}`);
        const counted = round > 0;
        const ours = await freshPublish(server, dataDir, { codec: "zstd", compressionLevel: 1 });
        const copied = await copy(
          duckdb,
          pattern,
          join(scratch, "copy.parquet"),
          "zstd, COMPRESSION_LEVEL 1",
        );
        const oursPlain = await freshPublish(server, dataDir, { codec: "uncompressed" });
        const copiedPlain = await copy(duckdb, pattern, join(scratch, "copy.parquet"), "uncompressed");
        const theirs = "missing" in polars ? undefined : await runPolars(polars.worker, dataDir, scratch);
        if (!counted) continue;
        rounds.ours.push(ours.milliseconds);
        rounds.copy.push(copied);
        rounds.oursPlain.push(oursPlain.milliseconds);
        rounds.copyPlain.push(copiedPlain);
        if (theirs !== undefined) rounds.polars.push(theirs);
        stages.push(ours.stages);
      }
      const difference =
        "missing" in polars
          ? undefined
          : await compare(server, dataDir, duckdb, join(scratch, "polars.parquet"));
      return report(rounds, stages, "missing" in polars ? polars.missing : undefined, difference);
    } finally {
      await Promise.all([duckdb.stop(), "worker" in polars ? polars.worker.stop() : undefined]);
      await server.stop();
      removeFeatures(dataDir);
      rmSync(scratch, { recursive: true, force: true });
    }
  },
};

function rows(): number[] {
  return [];
}

function scriptPath(name: string): string {
  return new URL(`../support/${name}`, import.meta.url).pathname;
}

async function freshPublish(server: QuiverServer, dataDir: string, how: object): Promise<Published> {
  removeFeatures(dataDir);
  await untilSpoolEmpty(dataDir);
  return publishOnce(server, "rsi-macd", {}, how);
}

/** Fails rather than measure a publish whose columns were there already. */
async function untilSpoolEmpty(dataDir: string): Promise<void> {
  const rowSets = join(dataDir, "spool", "row-sets");
  for (let attempt = 0; attempt < 100; attempt++) {
    const left = existsSync(rowSets)
      ? readdirSync(rowSets, { recursive: true }).filter((name) => String(name).endsWith(".arrow"))
      : [];
    // Half a second is also what the pool takes to have fresh children again.
    await new Promise((resolve) => setTimeout(resolve, 500));
    if (left.length === 0) return;
  }
  throw new Error(`The spool in ${rowSets} still holds columns of the last publish`);
}

async function copy(duckdb: LineWorker, pattern: string, to: string, codec: string): Promise<number> {
  const sql = `COPY (SELECT symbol, ts, sqrt(close::double) a, ln(close) b, close*1.1::double c, 1/close::double d
    FROM read_parquet('${pattern}')) TO '${to}' (FORMAT parquet, COMPRESSION ${codec})`;
  return (await duckdb.ask<{ milliseconds: number }>({ sql, wrote: to })).milliseconds;
}

async function runPolars(worker: LineWorker, dataDir: string, scratch: string): Promise<number> {
  const bars = join(dataDir, "market", "bars");
  const files = readdirSync(bars)
    .filter((name) => name.endsWith(".parquet"))
    .sort()
    .map((name) => join(bars, name));
  const request = { files, wrote: join(scratch, "polars.parquet"), params: POLARS_PARAMS };
  return (await worker.ask<{ milliseconds: number }>(request)).milliseconds;
}

/** The largest difference from what polars wrote, relative to the larger of the value and 1. */
async function compare(
  server: QuiverServer,
  dataDir: string,
  duckdb: LineWorker,
  theirs: string,
): Promise<number> {
  removeFeatures(dataDir);
  const params = { ...POLARS_PARAMS, smoothing: "span", seeding: "first" };
  await publishOnce(server, "rsi-macd", params, {});
  const ours = join(dataDir, "market", "features", "rsi-macd", "*", "*.parquet");
  const columns = ["rsi", "macd", "macd_signal", "macd_hist"];
  // Where neither rose nor fell yet, polars has NaN or null and we have null: only values are compared, and counted.
  const difference = (name: string) => `max(abs(o.${name} - t.${name}) / greatest(1, abs(o.${name})))`;
  const sql = `SELECT greatest(${columns.map(difference).join(", ")}) AS difference, count(*) AS n
    FROM read_parquet('${ours}') o JOIN read_parquet('${theirs}') t USING (symbol, ts) WHERE isfinite(t.rsi)`;
  const { rows: found } = await duckdb.ask<{ rows: [number, string][] }>({ sql });
  const [first] = found;
  if (first === undefined || Number(first[1]) === 0) throw new Error("No row of polars' result matches ours");
  return Number(first[0]);
}

function report(
  rounds: Record<"ours" | "copy" | "oursPlain" | "copyPlain" | "polars", number[]>,
  stages: readonly Published["stages"][],
  polarsMissing: string | undefined,
  difference: number | undefined,
): PartResult {
  const ms = {
    ours: median(rounds.ours),
    copy: median(rounds.copy),
    oursPlain: median(rounds.oursPlain),
    copyPlain: median(rounds.copyPlain),
    polars: median(rounds.polars),
  };
  const [zstd, uncompressed, polars] = [ms.ours / ms.copy, ms.oursPlain / ms.copyPlain, ms.ours / ms.polars];
  return {
    keys: {
      publishVsDuckdbCopy: rounded(zstd),
      publishVsDuckdbCopyUncompressed: rounded(uncompressed),
      publishVsPolars: polarsMissing === undefined ? rounded(polars) : null,
    },
    figures: [
      plain("publish rsi-macd, ZSTD level 1", `${ms.ours.toFixed(0)} ms`),
      plain("DuckDB COPY, ZSTD level 1", `${ms.copy.toFixed(0)} ms`),
      barred("publish / COPY, ZSTD", zstd, "", { max: 0.95 }),
      plain("publish rsi-macd, uncompressed", `${ms.oursPlain.toFixed(0)} ms`),
      plain("DuckDB COPY, uncompressed", `${ms.copyPlain.toFixed(0)} ms`),
      barred("publish / COPY, uncompressed", uncompressed, "", { max: 0.7 }),
      ...(polarsMissing === undefined
        ? [
            plain("nodejs-polars, ZSTD level 1", `${ms.polars.toFixed(0)} ms`),
            barred("publish / nodejs-polars", polars, "", { max: 0.25 }),
            plain("largest relative difference from polars", (difference ?? Number.NaN).toExponential(1)),
          ]
        : [plain("nodejs-polars", `skipped: ${polarsMissing}`)]),
    ],
    details: { publish: { rounds, stages, differenceFromPolars: difference ?? null } },
  };
}
