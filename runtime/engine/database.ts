import { mkdirSync, mkdtempSync, readdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import { DuckDBInstance } from "@duckdb/node-api";
import { duckdb, type RawConnection, type RawDatabase } from "./duckdb-bindings.ts";
import { isProcessAlive } from "./is-process-alive.ts";

export interface DatabaseSettings {
  /** Where DuckDB puts what does not fit into memory. */
  readonly spoolDir: string;
  readonly threads: number;
  readonly memoryLimitBytes: number;
}

/** One in-memory DuckDB, reached in two ways: the client's objects, and the C API for columns in bulk. */
export interface Database {
  readonly instance: DuckDBInstance;
  /** Runs work on a connection of its own; aborting interrupts the query it is at. */
  withConnection<T>(signal: AbortSignal, work: (connection: RawConnection) => Promise<T>): Promise<T>;
  close(): void;
}

/** DuckDB configured as every engine process needs it: no downloads, UTC, rows in file order. */
export async function openDatabase(settings: DatabaseSettings): Promise<Database> {
  const temporary = makeTemporaryDir(join(settings.spoolDir, "duckdb"));
  const config = duckdb.create_config();
  const options = {
    threads: String(settings.threads),
    memory_limit: `${Math.floor(settings.memoryLimitBytes / 1024)}KiB`,
    temp_directory: temporary,
    preserve_insertion_order: "true",
    autoinstall_known_extensions: "false",
    autoload_known_extensions: "false",
  };
  for (const [name, value] of Object.entries(options)) duckdb.set_config(config, name, value);
  const database = await duckdb.open(":memory:", config);
  const first = await duckdb.connect(database);
  // `parquet_metadata_cache` is per connection unless set globally. Files are in the page cache already, so a
  // second copy of them in DuckDB's own cache would only take memory.
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

/** A folder of this process's own: DuckDB gives its files the same names in every process. Those of the dead go. */
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
