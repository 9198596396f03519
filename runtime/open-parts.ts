import { existsSync, statSync } from "node:fs";
import { dirname, resolve } from "node:path";
import { QuiverError } from "../shared/errors/index.ts";
import type { Settings } from "./settings.ts";
import { clearBareDataDir } from "./store/clear-bare-data-dir.ts";
import { assertWritable, lockDataDir, lockOwner } from "./store/data-lock.ts";
import type { Wire, Wired } from "./wired.ts";

/**
 * What is done to the data directory. `write` changes it or its spool, and without a server takes its lock; `read`
 * needs none; both want one that exists. `make` makes it where it does not exist, and `list` finds it empty.
 */
export type Access = "read" | "write" | "make" | "list";

export interface OpenPartsOptions {
  readonly settings: Settings;
  /** Who wants the lock, for the message that another would see. */
  readonly command: string;
  readonly access: Access;
  readonly wire: Wire;
  readonly onAuthorOutput: (text: string) => void;
  readonly onLog: (text: string) => void;
  /** What the data directory is named with; `--data` when left out. */
  readonly dataOption?: string;
}

/** The parts of Quiver in this process; `close` ends them and gives the data directory back. */
export interface OpenParts {
  readonly wired: Wired;
  readonly close: () => Promise<void>;
}

/** Puts the parts together over a data directory; `data-dir-missing` where one is wanted and there is none. */
export async function openParts(options: OpenPartsOptions): Promise<OpenParts> {
  const { settings, command, access, wire, onAuthorOutput, onLog, dataOption = "--data" } = options;
  const isNew = !existsSync(settings.data);
  if (isNew && (access === "read" || access === "write")) throw missing(settings.data, dataOption);
  const lock =
    access === "write" || access === "make"
      ? await lockDataDir(settings.data, command, settings.lockWaitMs)
      : undefined;
  // Reading needs no lock, but a spool: for the engine's socket, for bundled functions.
  if (lock === undefined) assertWritable(settings.data);
  const release = () => {
    const isOurs = isNew && (lock !== undefined || lockOwner(settings.data) === undefined);
    const leave = isOurs ? clearBareDataDir(settings.data) : undefined;
    lock?.release();
    leave?.();
  };
  try {
    const wired = await wire({
      // A token guards a server's door; nobody comes through this one but the caller itself.
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
  // Under a file there can be none: that is told as what it is.
  if (!isDirectory(nearestExisting(dataDir))) assertWritable(dataDir);
  return new QuiverError(
    "data-dir-missing",
    `Cannot find the data directory ${dataDir}: it does not exist. "quiver import <dataset> <files…>" or "npm run demo" makes it; another is named with ${dataOption}.`,
    { dataDir },
  );
}

function nearestExisting(path: string): string {
  return existsSync(path) ? path : nearestExisting(dirname(resolve(path)));
}

function isDirectory(path: string): boolean {
  return statSync(path).isDirectory();
}
