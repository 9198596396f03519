import { mkdirSync, mkdtempSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { DuckDBInstance } from "@duckdb/node-api";
import { openDatabase } from "../../../runtime/engine/database.ts";
import type { ResultFormat } from "../../../shared/protocol/result.ts";
import { openQueryEngine, type SqlQuery, type QueryEngine } from "../../../runtime/sql/query-engine.ts";
import type { DatasetColumn, DatasetRecord } from "../../../runtime/store/dataset.ts";
import { writeDataset } from "../../../runtime/store/write-dataset.ts";

/** A data directory made for a test, with Parquet files that DuckDB wrote. */
export interface TestStore {
  readonly dataDir: string;
  /** Writes the rows of a query as a Parquet file; returns its path. */
  parquet(path: string, sql: string): Promise<string>;
  dataset(
    record: Pick<DatasetRecord, "name" | "columns" | "knownTime" | "clocks"> & Partial<DatasetRecord>,
    sql: string | null,
  ): Promise<DatasetRecord>;
  /** Publishes one version of a feature set (or label set) and makes it the current one. */
  version(
    place: { dataset: string; name: string; version: string; kind?: "feature" | "label" },
    outputs: readonly string[],
    sql: string,
  ): Promise<void>;
  remove(): void;
}

export const DAILY_CLOCKS = {
  timezone: "America/New_York",
  stamp: "end",
  intervalSeconds: "1d",
  calendar: null,
  sessions: null,
  availabilitySeconds: 0,
} as const;

export const column = (name: string, type: DatasetColumn["type"]): DatasetColumn => ({
  name,
  type,
  nullable: false,
});

export async function makeTestStore(): Promise<TestStore> {
  const dataDir = mkdtempSync(join(tmpdir(), "quiver-sql-"));
  const connection = await (await DuckDBInstance.create(":memory:")).connect();
  await connection.run("SET TimeZone = 'UTC'");
  const parquet = async (path: string, sql: string) => {
    const whole = join(dataDir, path);
    mkdirSync(dirname(whole), { recursive: true });
    await connection.run(`COPY (${sql}) TO '${whole}' (FORMAT parquet)`);
    return whole;
  };
  return {
    dataDir,
    parquet,
    async dataset(given, sql) {
      const fingerprint = given.fingerprint ?? "v1";
      const path = `bars/${fingerprint}.parquet`;
      const file = sql === null ? null : await parquet(join(given.name, path), sql);
      const record: DatasetRecord = {
        formatVersion: 1,
        kind: "bars",
        key: "symbol",
        eventTime: "ts",
        layout: "overlapping",
        files:
          file === null
            ? []
            : [
                {
                  path,
                  rowCount: 1,
                  byteLength: statSync(file).size,
                  sha256: "",
                  mtimeMs: 0,
                  inode: 0,
                  firstSymbol: "A",
                  lastSymbol: "Z",
                  firstTs: 0,
                  lastTs: 0,
                  importId: "i1",
                },
              ],
        index: { path: "symbols.json", symbolCount: 1 },
        rowCount: 1,
        firstTs: 0,
        lastTs: 0,
        latestKnownTime: null,
        sources: [],
        counts: { in: 1, kept: 1, quarantined: {}, warnings: {} },
        fingerprint,
        importedAt: "2026-01-01T00:00:00Z",
        rules: { allowNonPositivePrices: false, strict: false },
        defaults: {},
        ...given,
      };
      mkdirSync(join(dataDir, given.name), { recursive: true });
      writeDataset(dataDir, record);
      return record;
    },
    async version({ dataset, name, version, kind = "feature" }, outputs, sql) {
      const dir = join(dataset, kind === "label" ? "labels" : "features", name);
      await parquet(join(dir, version, "part-0.parquet"), sql);
      const schema = outputs.map((output) => ({ name: output, type: "float64", nullable: true }));
      const manifest = {
        formatVersion: 1,
        dataset,
        name,
        kind,
        version,
        schema,
        tsType: "date32",
        parts: [{ path: "part-0.parquet", rowCount: 1 }],
      };
      writeFileSync(join(dataDir, dir, version, "manifest.json"), JSON.stringify(manifest));
      writeFileSync(join(dataDir, dir, "current.json"), JSON.stringify({ version }));
    },
    remove() {
      connection.closeSync();
      rmSync(dataDir, { recursive: true });
    },
  };
}

/** A service over a store, with a few bars of two symbols and one published feature set. */
export async function makeSampleStore(): Promise<TestStore> {
  const store = await makeTestStore();
  await store.dataset(
    {
      name: "us-daily",
      knownTime: null,
      clocks: DAILY_CLOCKS,
      columns: [column("symbol", "utf8"), column("ts", "date32"), column("close", "float64")],
    },
    `SELECT s AS symbol, DATE '2024-01-01' + d::INT AS ts, (d + 1)::DOUBLE AS close
     FROM (VALUES ('AAPL'), ('SBUX')) t(s), range(3) r(d)`,
  );
  await store.version(
    { dataset: "us-daily", name: "rsi-macd", version: "20260101T000000Z-0a1b2c3d" },
    ["rsi"],
    "SELECT 'AAPL' AS symbol, DATE '2024-01-01' AS ts, 50.0::DOUBLE AS rsi",
  );
  return store;
}

export async function openTestService(
  store: TestStore,
  settings: { memoryLimitBytes?: number } = {},
): Promise<QueryEngine & { close(): void }> {
  const database = await openDatabase({
    spoolDir: join(store.dataDir, "spool"),
    threads: 2,
    memoryLimitBytes: settings.memoryLimitBytes ?? 1 << 30,
  });
  const service = await openQueryEngine(database, store.dataDir);
  return { ...service, close: () => database.close() };
}

/** The whole answer as text. */
export async function queryText(
  service: QueryEngine,
  query: string | Partial<SqlQuery>,
  format: ResultFormat = "csv",
): Promise<string> {
  const whole: SqlQuery = {
    sql: "",
    timeoutMs: 30_000,
    ...(typeof query === "string" ? { sql: query } : query),
  };
  const { body } = await service.runFormatted(whole, format);
  let text = "";
  const decoder = new TextDecoder();
  for await (const chunk of body) text += decoder.decode(chunk, { stream: true });
  return text;
}

/** The rows of a CSV answer, header left out. */
export async function queryRows(service: QueryEngine, query: string | Partial<SqlQuery>): Promise<string[]> {
  return (await queryText(service, query)).split("\r\n").slice(1, -1);
}
