import { existsSync, statSync } from "node:fs";
import { dirname, resolve } from "node:path";
import { QuiverError } from "../shared/errors/index.ts";
import type { Settings } from "./settings.ts";
import { clearBareDataDir } from "./store/clear-bare-data-dir.ts";
import { assertWritable, lockDataDir, lockOwner } from "./store/data-lock.ts";
import type { Wire, Wired } from "./wired.ts";

/**
 * What a command does with the data directory. `write` changes it or its spool and takes its lock; `read` needs no
 * lock. Both require that it exists. If it does not, `make` (which also takes the lock) creates it, and `list` lists
 * nothing.
 */
export type Access = "read" | "write" | "make" | "list";

export interface OpenPartsOptions {
  readonly settings: Settings;
  /** The command that wants the lock; other processes name it when they are refused. */
  readonly command: string;
  readonly access: Access;
  readonly wire: Wire;
  readonly onAuthorOutput: (text: string) => void;
  readonly onLog: (text: string) => void;
  /** What the caller names the data directory with; `--data` if absent. */
  readonly dataOption?: string;
}

/** The parts of Quiver in this process. `close` ends them and releases the data directory. */
export interface OpenParts {
  readonly wired: Wired;
  readonly close: () => Promise<void>;
}

/** Puts the parts together over a data directory. Rejects with `data-dir-missing` if a required one does not exist. */
export async function openParts(options: OpenPartsOptions): Promise<OpenParts> {
  const { settings, command, access, wire, onAuthorOutput, onLog, dataOption = "--data" } = options;
  const isNew = !existsSync(settings.data);
  if (isNew && (access === "read" || access === "write")) throw missing(settings.data, dataOption);
  const lock =
    access === "write" || access === "make"
      ? await lockDataDir(settings.data, command, settings.lockWaitMs)
      : undefined;
  // Reading needs no lock, but it writes to the spool: the engine's socket, bundled functions.
  if (lock === undefined) assertWritable(settings.data);
  const release = () => {
    const isOurs = isNew && (lock !== undefined || lockOwner(settings.data) === undefined);
    const leave = isOurs ? clearBareDataDir(settings.data) : undefined;
    lock?.release();
    leave?.();
  };
  try {
    const wired = await wire({
      // A token protects a port. These parts have none, so only the caller can reach them.
      settings: { ...settings, token: "" },
      holdsLock: lock !== undefined,
      onAuthorOutput,
      onLog,
    });
    return {
      wired,
      close: async () => {
        try {
          await wired.close();
        } finally {
          release();
        }
      },
    };
  } catch (error) {
    release();
    throw error;
  }
}

function missing(dataDir: string, dataOption: string): QuiverError {
  // A path below a file can never be a directory; assertWritable says so.
  if (!isDirectory(nearestExisting(dataDir))) assertWritable(dataDir);
  return new QuiverError(
    "data-dir-missing",
    `Cannot find the data directory ${dataDir}: it does not exist. "quiver import <dataset> <files…>" or "npm run demo" creates it; name another with ${dataOption}.`,
    { dataDir },
  );
}

function nearestExisting(path: string): string {
  return existsSync(path) ? path : nearestExisting(dirname(resolve(path)));
}

function isDirectory(path: string): boolean {
  return statSync(path).isDirectory();
}
