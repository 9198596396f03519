import { mkdirSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DuckDBInstance } from "@duckdb/node-api";
import { readColumnFile } from "../../shared/arrow/index.ts";
import type { ColumnRequest, LoadedColumn, RowSetKey } from "../../shared/protocol/row-set.ts";
import type { EngineClient, EngineOptions } from "../../runtime/engine/engine-client.ts";
import { startEngine } from "../../runtime/engine/start-engine.ts";
import { createRowSets, type RowSets, type RowSetsSettings } from "../../runtime/load/row-sets.ts";
import { createDatasetCache } from "../../runtime/store/dataset-cache.ts";
import type { DatasetRecord } from "../../runtime/store/dataset.ts";

/** A data directory with a real engine process on it, everything below one temporary folder. */
export interface Loading {
  readonly dataDir: string;
  readonly spoolDir: string;
  readonly engine: EngineClient;
  /** A fresh look at the spool, as a newly started server has it. */
  openRowSets(options?: Partial<RowSetsSettings>): RowSets;
  close(): Promise<void>;
}

export function openLoading(settings: Partial<EngineOptions> = {}): Loading {
  const root = mkdtempSync(join(tmpdir(), "quiver-load-"));
  const dataDir = join(root, "data");
  const spoolDir = settings.spoolDir ?? join(root, "spool");
  mkdirSync(dataDir);
  mkdirSync(spoolDir, { recursive: true });
  const engine = startEngine({ role: "data", dataDir, spoolDir, threads: 2, ...settings });
  return {
    dataDir,
    spoolDir,
    engine,
    openRowSets: (options = {}) =>
      createRowSets({
        spoolDir,
        engine,
        datasets: createDatasetCache(dataDir),
        budgetBytes: Number.POSITIVE_INFINITY,
        ...options,
      }),
    async close() {
      await engine.close();
      rmSync(root, { recursive: true, force: true });
    },
  };
}

export function wholeKey(record: DatasetRecord, more: Partial<RowSetKey> = {}): RowSetKey {
  return {
    dataset: record.name,
    version: record.fingerprint,
    asOfMicros: null,
    order: "symbol-time",
    symbols: null,
    ...more,
  };
}

export function ownColumn(name: string, type: ColumnRequest["type"], nullable = false): ColumnRequest {
  return { name, type, nullable, source: { kind: "own" } };
}

/** All values of a loaded column; null where the file says so, text by its labels. Parts must cover the rows in order. */
export function valuesOf({ parts, labels }: LoadedColumn): (number | bigint | string | null)[] {
  const values: (number | bigint | string | null)[] = [];
  for (const part of parts) {
    if (part.firstRow !== values.length) throw new Error(`${part.path} starts at row ${part.firstRow}`);
    const { data, validity, rowCount } = readColumnFile(readFileSync(part.path), part.path);
    if (rowCount !== part.rowCount) throw new Error(`${part.path} holds ${rowCount} rows`);
    for (let row = 0; row < rowCount; row++) {
      const isValid = validity === undefined || ((validity[row >> 3]! >> (row & 7)) & 1) === 1;
      const value = data[row]!;
      if (!isValid) values.push(null);
      else if (labels === null) values.push(value);
      else values.push(labels[Number(value)] ?? null);
    }
  }
  return values;
}

/** Rows of a query, as DuckDB itself gives them. */
export async function queryRows(sql: string): Promise<unknown[][]> {
  const instance = await DuckDBInstance.create(":memory:");
  const connection = await instance.connect();
  try {
    await connection.run("SET TimeZone = 'UTC'");
    return (await connection.runAndReadAll(sql)).getRowsJS();
  } finally {
    connection.disconnectSync();
    instance.closeSync();
  }
}

/** The files of a dataset, for a query's FROM. */
export function filesOf(dataDir: string, record: DatasetRecord): string {
  const paths = record.files.map(({ path }) => `'${join(dataDir, record.name, path)}'`);
  return `read_parquet([${paths.join(",")}])`;
}
