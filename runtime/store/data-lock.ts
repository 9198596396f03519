import { mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { setTimeout as sleep } from "node:timers/promises";
import { messageOf, QuiverError } from "../../shared/errors/index.ts";
import { readServerFile } from "./server-file.ts";

/** The right to write to a data directory, held by one process at a time. */
export interface DataLock {
  release(): void;
}

/** The process that holds the lock. Used in messages only: the lock itself is the operating system's. */
export interface LockOwner {
  readonly pid: number;
  readonly command: string;
}

/**
 * Takes the lock of a data directory, which it makes if it does not exist, and waits up to `waitMs` for it. The lock is
 * an exclusive lock on a file, so the operating system releases it however the process dies.
 */
export async function lockDataDir(dataDir: string, command: string, waitMs: number): Promise<DataLock> {
  assertWritable(dataDir);
  const ownerPath = join(dataDir, ".lock-owner.json");
  const database = await acquire(dataDir, ownerPath, waitMs);
  writeFileSync(ownerPath, JSON.stringify({ pid: process.pid, command }));
  let released = false;
  return {
    release() {
      if (released) return;
      released = true;
      rmSync(ownerPath, { force: true });
      database.close();
    },
  };
}

/** The process that holds the lock of a data directory; undefined when none does or the directory does not exist. */
export function lockOwner(dataDir: string): LockOwner | undefined {
  const database = tryLock(dataDir);
  if (database === undefined)
    return readOwner(join(dataDir, ".lock-owner.json")) ?? { pid: 0, command: "unknown" };
  database.close();
  return undefined;
}

const RETRY_MS = 50;

async function acquire(dataDir: string, ownerPath: string, waitMs: number): Promise<DatabaseSync> {
  const deadline = performance.now() + waitMs;
  for (;;) {
    const database = tryLock(dataDir);
    if (database !== undefined) return database;
    if (performance.now() >= deadline) throw inUse(dataDir, readOwner(ownerPath));
    await sleep(RETRY_MS);
  }
}

/** SQLite locks with fcntl, which neither runtime offers otherwise without native code of ours. */
function tryLock(dataDir: string): DatabaseSync | undefined {
  let database: DatabaseSync | undefined;
  try {
    database = new DatabaseSync(join(dataDir, ".lock.db"));
    database.exec("PRAGMA busy_timeout = 0; PRAGMA journal_mode = MEMORY; BEGIN EXCLUSIVE");
    return database;
  } catch (error) {
    database?.close();
    if (error instanceof Error && /locked|busy/i.test(error.message)) return undefined;
    throw new QuiverError(
      "data-dir-unwritable",
      `Cannot lock the data directory ${dataDir}: ${messageOf(error)}. Make it writable, or give another with --data.`,
      { dataDir },
      error,
    );
  }
}

/** Makes the data directory if it does not exist; throws `data-dir-unwritable` if nothing can be written into it. */
export function assertWritable(dataDir: string): void {
  const probe = join(dataDir, `.writable-${process.pid}`);
  try {
    mkdirSync(dataDir, { recursive: true });
    writeFileSync(probe, "");
    rmSync(probe);
  } catch (cause) {
    const why = messageOf(cause);
    throw new QuiverError(
      "data-dir-unwritable",
      `Cannot write to the data directory ${dataDir}: ${why}. Give another with --data, or change its permissions.`,
      { dataDir },
      cause,
    );
  }
}

function inUse(dataDir: string, owner: LockOwner | undefined): QuiverError {
  const who = owner === undefined ? "another process" : `process ${owner.pid} (quiver ${owner.command})`;
  const server = readServerFile(dataDir);
  // A killed server leaves its file behind, so the file's process must be the owner.
  const url = server !== undefined && server.pid === owner?.pid ? server.url : undefined;
  const advice =
    url === undefined
      ? "is writing to it. Wait for it or stop it"
      : `serves it on ${url}. Use that server or stop it`;
  return new QuiverError(
    "data-dir-in-use",
    `Cannot write to the data directory ${dataDir}: ${who} ${advice}, or give another directory with --data.`,
    { dataDir, owner: owner ?? null, url: url ?? null },
  );
}

function readOwner(path: string): LockOwner | undefined {
  try {
    const value: unknown = JSON.parse(readFileSync(path, "utf8"));
    const isOwner = typeof value === "object" && value !== null && "pid" in value && "command" in value;
    if (!isOwner || typeof value.pid !== "number" || typeof value.command !== "string") return undefined;
    return { pid: value.pid, command: value.command };
  } catch {
    // The owner has not written the file yet, or has just removed it.
    return undefined;
  }
}
