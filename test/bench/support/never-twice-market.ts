import { DuckDBInstance } from "@duckdb/node-api";
import { cpSync, mkdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import type { BenchContext } from "./bench-part.ts";
import { makeNextDay } from "./market.ts";
import { runQuiver } from "./quiver-server.ts";
import { barsPattern, DATASET } from "./store.ts";
import { freshUsDaily, US_DAILY } from "./us-daily.ts";

/** A data directory to publish in, and how it gets a day more. */
export interface Market {
  readonly dataDir: string;
  readonly dataset: string;
  /** Imports what was held back. */
  append(): Promise<void>;
}

/** All of us-daily, to which nothing is appended. */
export async function wholeUsDaily(context: BenchContext): Promise<Market> {
  const dataDir = await freshUsDaily(context, "never-twice");
  return { dataDir, dataset: "us-daily", append: () => Promise.reject(new Error("Nothing was held back")) };
}

const FEW_SYMBOLS = 24;

/** Some symbols of us-daily; what was seen on the last day is held back. */
export async function someOfUsDaily({ store, signal }: BenchContext): Promise<Market> {
  const dataDir = freshDir(store.dir, "data-never-twice-some");
  const [before, after] = ["before", "after"].map((name) => join(dataDir, "source", `${name}.parquet`));
  mkdirSync(join(dataDir, "source"));
  const instance = await DuckDBInstance.create(":memory:", { threads: "2" });
  try {
    const connection = await instance.connect();
    await connection.run(
      `CREATE TABLE few AS SELECT * FROM read_parquet('${US_DAILY}') WHERE symbol IN (
         SELECT symbol FROM read_parquet('${US_DAILY}') GROUP BY symbol
         HAVING max(seen) = (SELECT max(seen) FROM read_parquet('${US_DAILY}')) AND count(*) > 500
         ORDER BY md5(symbol) LIMIT ${FEW_SYMBOLS})`,
    );
    for (const [path, compared] of [
      [before, "<"],
      [after, "="],
    ] as const) {
      const part = `SELECT * FROM few WHERE seen ${compared} (SELECT max(seen) FROM few) ORDER BY seen, symbol`;
      await connection.run(`COPY (${part}) TO '${path!}' (FORMAT parquet)`);
    }
    connection.closeSync();
  } finally {
    instance.closeSync();
  }
  const importFile = async (path: string) => {
    await runQuiver(["import", "us-daily", path, "--known-at", "seen", "--data", dataDir, "--json"], signal);
  };
  await importFile(before!);
  return { dataDir, dataset: "us-daily", append: () => importFile(after!) };
}

/** A made-up market of a few symbols. */
export async function smallMarket({ store, signal }: BenchContext): Promise<Market> {
  const made = await store.smallMarket();
  const dataDir = freshDir(store.dir, "data-never-twice-small");
  cpSync(join(made.dataDir, DATASET), join(dataDir, DATASET), { recursive: true, preserveTimestamps: true });
  return {
    dataDir,
    dataset: DATASET,
    async append() {
      const day = await makeNextDay(barsPattern(dataDir), join(dataDir, "next-day.parquet"));
      await runQuiver(["import", DATASET, day, "--data", dataDir, "--json"], signal);
    },
  };
}

function freshDir(parent: string, name: string): string {
  const dir = join(parent, name);
  rmSync(dir, { recursive: true, force: true });
  mkdirSync(dir, { recursive: true });
  return dir;
}
