import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DuckDBInstance, type DuckDBConnection } from "@duckdb/node-api";
import { expect } from "vitest";
import { errorCodeOf } from "../../../shared/errors/index.ts";
import { importFiles } from "../../../runtime/import/import-files.ts";
import type { ImportDeps } from "../../../runtime/import/import-deps.ts";
import type { ImportReport, ImportRequest } from "../../../shared/protocol/import.ts";
import { readDataset } from "../../../runtime/store/read-dataset.ts";
import type { DatasetRecord } from "../../../runtime/store/dataset.ts";

/** A data directory, a DuckDB of its own and a folder of source files, gone when closed. */
export interface ImportBench {
  readonly dir: string;
  readonly dataDir: string;
  readonly connection: DuckDBConnection;
  /** Writes a source file and returns its path. */
  file(name: string, content: string | Uint8Array): string;
  /** Writes a Parquet file from a query and returns its path. */
  parquet(name: string, sql: string): Promise<string>;
  run(
    request: Partial<ImportRequest> & { files: readonly string[] },
    deps?: Partial<ImportDeps>,
  ): Promise<ImportReport>;
  record(name?: string): DatasetRecord;
  /** Stored rows in the order of the record's files, values as DuckDB prints them. */
  stored(columns?: string, name?: string): Promise<(string | null)[][]>;
  quarantined(report: ImportReport): Promise<(string | null)[][]>;
  sql(query: string): Promise<(string | null)[][]>;
  close(): void;
}

/** Fixed, so that identifiers and records of a test are the same in every run. */
export const NOW = new Date("2024-06-03T12:00:00Z");

export async function openImport(): Promise<ImportBench> {
  const dir = mkdtempSync(join(tmpdir(), "quiver-import-"));
  const dataDir = join(dir, "data");
  const instance = await DuckDBInstance.create(":memory:", { threads: "2" });
  const connection = await instance.connect();
  mkdirSync(join(dir, "in"));
  const sql = async (query: string) => {
    const rows = (await connection.runAndReadAll(query)).getRows();
    return rows.map((row) => row.map((value) => (value === null ? null : String(value))));
  };
  const record = (name = "bars") => readDataset(dataDir, name);
  return {
    dir,
    dataDir,
    connection,
    sql,
    record,
    file(name, content) {
      const path = join(dir, "in", name);
      writeFileSync(path, content);
      return path;
    },
    async parquet(name, query) {
      const path = join(dir, "in", name);
      await connection.run(`COPY (${query}) TO '${path}' (FORMAT parquet)`);
      return path;
    },
    run: (request, deps) =>
      importFiles({ dataset: "bars", ...request }, { connection, dataDir, now: () => NOW, ...deps }),
    async stored(columns = "*", name = "bars") {
      const rows: (string | null)[][] = [];
      for (const file of record(name).files) {
        rows.push(...(await sql(`SELECT ${columns} FROM read_parquet('${join(dataDir, name, file.path)}')`)));
      }
      return rows;
    },
    quarantined: async (report) =>
      report.quarantineFile === null
        ? []
        : await sql(`SELECT * FROM read_parquet('${join(dataDir, report.quarantineFile)}')`),
    close() {
      connection.closeSync();
      instance.closeSync();
      rmSync(dir, { recursive: true, force: true });
    },
  };
}

/** Asserts code and whole message of a refusal. */
export async function expectRefusal(attempt: Promise<unknown>, code: string, message: string): Promise<void> {
  const error = await attempt.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  if (!(error instanceof Error)) throw new Error("expected a refusal, and it went through");
  expect({ code: errorCodeOf(error), message: error.message }).toEqual({ code, message });
}

export const HEADER = "symbol,date,open,high,low,close,volume";
