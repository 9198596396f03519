import { mkdirSync, mkdtempSync, readdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import { DuckDBInstance } from "@duckdb/node-api";
import { duckdb, type RawConnection, type RawDatabase } from "./duckdb-bindings.ts";
import { isProcessAlive } from "./is-process-alive.ts";

export interface DatabaseOptions {
  /** DuckDB spills to this folder what does not fit into memory. */
  readonly spoolDir: string;
  readonly threads: number;
  readonly memoryLimitBytes: number;
}

/** One in-memory DuckDB with two interfaces: the client's objects, and the C API for columns in bulk. */
export interface Database {
  readonly instance: DuckDBInstance;
  /** Runs work on its own connection. Aborting the signal interrupts the current query. */
  withConnection<T>(signal: AbortSignal, work: (connection: RawConnection) => Promise<T>): Promise<T>;
  close(): void;
}

/** Opens DuckDB with the configuration of every engine process: no downloads, UTC, rows in file order. */
export async function openDatabase({
  spoolDir,
  threads,
  memoryLimitBytes,
}: DatabaseOptions): Promise<Database> {
  const temporary = makeTemporaryDir(join(spoolDir, "duckdb"));
  const config = duckdb.create_config();
  const options = {
    threads: String(threads),
    memory_limit: `${Math.floor(memoryLimitBytes / 1024)}KiB`,
    temp_directory: temporary,
    preserve_insertion_order: "true",
    autoinstall_known_extensions: "false",
    autoload_known_extensions: "false",
  };
  for (const [name, value] of Object.entries(options)) duckdb.set_config(config, name, value);
  const database = await duckdb.open(":memory:", config);
  const first = await duckdb.connect(database);
  // `parquet_metadata_cache` is per connection unless set globally. The page cache already holds the files, so a
  // second copy in DuckDB's own cache would only take memory.
  for (const setting of [
    "TimeZone = 'UTC'",
    "parquet_metadata_cache = true",
    "enable_external_file_cache = false",
  ]) {
    await duckdb.query(first, `SET GLOBAL ${setting}`);
  }
  duckdb.disconnect_sync(first);
  return {
    instance: new DuckDBInstance(database),
    withConnection: (signal, work) => withConnection(database, signal, work),
    close() {
      duckdb.close_sync(database);
      rmSync(temporary, { recursive: true, force: true });
    },
  };
}

/**
 * Makes a folder for this process alone, because DuckDB names its files alike in every process. Folders of processes
 * that no longer exist are removed.
 */
function makeTemporaryDir(parent: string): string {
  mkdirSync(parent, { recursive: true });
  for (const name of readdirSync(parent)) {
    if (!isProcessAlive(Number.parseInt(name, 10)))
      rmSync(join(parent, name), { recursive: true, force: true });
  }
  return mkdtempSync(join(parent, `${process.pid}-`));
}

async function withConnection<T>(
  database: RawDatabase,
  signal: AbortSignal,
  work: (connection: RawConnection) => Promise<T>,
): Promise<T> {
  signal.throwIfAborted();
  const connection = await duckdb.connect(database);
  const interrupt = () => duckdb.interrupt(connection);
  signal.addEventListener("abort", interrupt);
  try {
    return await work(connection);
  } finally {
    signal.removeEventListener("abort", interrupt);
    duckdb.disconnect_sync(connection);
  }
}
