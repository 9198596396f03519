import { mkdirSync, readdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import { SUBSET, SUBSET_WINDOWS } from "../alpha158/subset.ts";
import { barred, plain, type BenchContext, type BenchPart, type Figure } from "../support/bench-part.ts";
import { type ChildTimings, childTimings } from "../support/child-timings.ts";
import { type LineWorker, startLineWorker } from "../support/line-worker.ts";
import { startPolars } from "../support/polars.ts";
import { publishOnce, type Published } from "../support/publish-once.ts";
import { type QuiverServer, startServer } from "../support/quiver-server.ts";
import { median, rounded } from "../support/statistics.ts";
import { DATASET, removeFeatures, removeSpool } from "../support/store.ts";

const CODECS = [
  { name: "zstd", how: { codec: "zstd", compressionLevel: 1 } },
  { name: "uncompressed", how: { codec: "uncompressed" } },
] as const;
const COLUMN_COUNT = 158;
const SUBSET_COUNT = SUBSET.length * SUBSET_WINDOWS.length;
const SECONDS_MAX = 6;

interface CodecResult {
  readonly seconds: number[];
  readonly polarsSeconds: number[];
  published?: Published;
  inside: ChildTimings | null;
}

/** All of alpha158 published over 800 symbols of 3,300 days, beside polars with some of its columns. */
export const alpha158: BenchPart = {
  name: "alpha158",
  async run(context) {
    const { store, scale, signal, log } = context;
    const { dataDir } = await store.evenMarket();
    const scratch = join(store.dir, "scratch");
    mkdirSync(scratch, { recursive: true });
    removeSpool(dataDir);
    const polars = await startPolars(store.dir, context, { script: "../alpha158/polars-worker.ts" });
    const server = await startServer({ dataDir, flags: ["--spool-bytes", "1MiB"], signal });
    try {
      const results: Record<string, CodecResult> = {};
      for (const { name, how } of CODECS) {
        const result: CodecResult = { seconds: [], polarsSeconds: [], inside: null };
        results[name] = result;
        // The first round warms up and is not counted.
        for (let round = 0; round <= scale.rounds; round++) {
          log(`alpha158, ${name}, round ${round} of ${scale.rounds}`);
          const published = await freshPublish(server, dataDir, how);
          const theirs =
            "missing" in polars ? undefined : await runPolars(polars.worker, dataDir, scratch, name);
          if (round === 0) continue;
          result.published = published;
          result.seconds.push(published.milliseconds / 1000);
          if (theirs !== undefined) result.polarsSeconds.push(theirs);
        }
        const { rowCount } = result.published!;
        result.inside = await childTimings(dataDir, rowCount, () => freshPublish(server, dataDir, how));
      }
      const difference = "missing" in polars ? null : await compare(dataDir, scratch, context);
      return report(results, "missing" in polars ? polars.missing : undefined, difference);
    } finally {
      if ("worker" in polars) await polars.worker.stop();
      await server.stop();
      removeFeatures(dataDir);
      rmSync(scratch, { recursive: true, force: true });
    }
  },
};

async function freshPublish(server: QuiverServer, dataDir: string, how: object): Promise<Published> {
  removeFeatures(dataDir);
  // Half a second is what the pool takes to have fresh children again, and the spool to be emptied.
  await new Promise((resolve) => setTimeout(resolve, 500));
  return publishOnce(server, "alpha158", {}, how);
}

async function runPolars(
  worker: LineWorker,
  dataDir: string,
  scratch: string,
  codec: string,
): Promise<number> {
  const bars = join(dataDir, DATASET, "bars");
  const files = readdirSync(bars)
    .filter((name) => name.endsWith(".parquet"))
    .sort()
    .map((name) => join(bars, name));
  const wrote = join(scratch, "polars.parquet");
  return (await worker.ask<{ milliseconds: number }>({ files, wrote, codec })).milliseconds / 1000;
}

/** The largest difference from what polars wrote, relative to the larger of the value and 1. Both are 32-bit floats. */
async function compare(
  dataDir: string,
  scratch: string,
  { signal }: Pick<BenchContext, "signal">,
): Promise<number> {
  const script = new URL("../support/duckdb-worker.ts", import.meta.url).pathname;
  const duckdb = startLineWorker({ script }, { signal });
  try {
    const ours = join(dataDir, DATASET, "features", "alpha158", "*", "*.parquet");
    const differences = SUBSET.flatMap((name) =>
      SUBSET_WINDOWS.map((d) => `max(abs(o.${name}${d} - t.${name}${d}) / greatest(1, abs(o.${name}${d})))`),
    );
    const sql = `SELECT greatest(${differences.join(", ")}), count(o.max60) FROM read_parquet('${ours}') o
      JOIN read_parquet('${join(scratch, "polars.parquet")}') t USING (symbol, ts)`;
    const { rows } = await duckdb.ask<{ rows: [number, string][] }>({ sql });
    const [difference, count] = rows[0] ?? [NaN, "0"];
    if (Number(count) === 0) throw new Error("No row of polars' result matches ours");
    return Number(difference);
  } finally {
    await duckdb.stop();
  }
}

function report(
  results: Readonly<Record<string, CodecResult>>,
  polarsMissing: string | undefined,
  difference: number | null,
) {
  const figures: Figure[] = [];
  for (const { name } of CODECS) {
    const { seconds, polarsSeconds, published, inside } = results[name]!;
    const whole = median(seconds);
    const ns = (total: number, columns: number) =>
      `${((total * 1e9) / published!.rowCount / columns).toFixed(2)} ns`;
    figures.push(
      plain(`${name}: rows × columns`, `${published!.rowCount} × ${COLUMN_COUNT}`),
      barred(`${name}: publish, whole`, whole, " s", { max: SECONDS_MAX }),
      plain("  per row and column", ns(whole, COLUMN_COUNT)),
      plain("  bytes", `${(published!.byteLength / 1e6).toFixed(0)} MB`),
    );
    if (inside === null) figures.push(plain("  within the children", "not seen"));
    else {
      const of = `, all ${inside.children} children added up`;
      figures.push(
        plain(`  compute${of}`, `${(inside.handlerMs / 1000).toFixed(2)} s`),
        plain(`  encode and write${of}`, `${(inside.sinkMs / 1000).toFixed(2)} s`),
      );
    }
    if (polarsMissing !== undefined) continue;
    const theirs = median(polarsSeconds);
    figures.push(
      plain(
        `${name}: nodejs-polars, ${SUBSET_COUNT} columns (${SUBSET.join(", ")})`,
        `${theirs.toFixed(2)} s`,
      ),
      plain("  per row and column", ns(theirs, SUBSET_COUNT)),
    );
  }
  if (polarsMissing !== undefined) figures.push(plain("nodejs-polars", `skipped: ${polarsMissing}`));
  else figures.push(plain("largest relative difference from polars", (difference ?? NaN).toExponential(1)));
  const fastest = Math.min(...CODECS.map(({ name }) => median(results[name]!.seconds)));
  return {
    keys: { alpha158Seconds: rounded(fastest) },
    figures,
    details: { alpha158: { ...results, differenceFromPolars: difference } },
  };
}
