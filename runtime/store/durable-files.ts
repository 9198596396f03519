import { closeSync, fsyncSync, openSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { mkdir, open, rename, rm } from "node:fs/promises";
import { dirname } from "node:path";
import { isDiskFull, QuiverError } from "../../shared/errors/index.ts";

/*
 * Files and names that survive a power cut. Flushing can take as long as the disk likes: the server uses the
 * asynchronous functions, so that its event loop goes on. A full disk is reported as `disk-full`.
 */

/** Replaces a file. Readers find the old content or the new, never a part, even after a crash at any instant. */
export async function replaceDurably(path: string, content: string | Uint8Array): Promise<void> {
  const temporary = temporaryFor(path);
  try {
    await writeDurably(temporary, content);
    await rename(temporary, path);
  } catch (error) {
    await rm(temporary, { force: true });
    throw error;
  }
  await syncFolder(dirname(path));
}

export function replaceDurablySync(path: string, content: string | Uint8Array): void {
  const temporary = temporaryFor(path);
  try {
    const file = openSync(temporary, "w");
    try {
      writeFileSync(file, content);
      fsyncSync(file);
    } finally {
      closeSync(file);
    }
    renameSync(temporary, path);
  } catch (error) {
    rmSync(temporary, { force: true });
    throw toWriteError(path, error);
  }
  syncSync(dirname(path), "r");
}

/** Writes and flushes a new file. Its name is durable only after `syncFolder`. */
export async function writeDurably(path: string, content: string | Uint8Array): Promise<void> {
  try {
    const file = await open(path, "w");
    try {
      await file.writeFile(content);
      await file.sync();
    } finally {
      await file.close();
    }
  } catch (error) {
    throw toWriteError(path, error);
  }
}

/** Makes a folder and its missing parents, each durably named in the one above. */
export async function makeFolderDurably(path: string): Promise<void> {
  const first = await mkdir(path, { recursive: true });
  if (first === undefined) return;
  for (let made = path; made.length >= first.length; made = dirname(made)) await syncFolder(dirname(made));
}

/** Makes the names in a folder durable: a rename is safe only after its folder is flushed. */
export async function syncFolder(path: string): Promise<void> {
  const folder = await open(path, "r");
  try {
    await folder.sync();
  } finally {
    await folder.close();
  }
}

export function syncFolderSync(path: string): void {
  syncSync(path, "r");
}

/** Flushes a file that another writer (DuckDB) has closed. */
export function syncFileSync(path: string): void {
  syncSync(path, "r+");
}

function syncSync(path: string, flags: "r" | "r+"): void {
  const handle = openSync(path, flags);
  try {
    fsyncSync(handle);
  } finally {
    closeSync(handle);
  }
}

function temporaryFor(path: string): string {
  return `${path}.tmp-${process.pid}`;
}

function toWriteError(path: string, error: unknown): unknown {
  if (!isDiskFull(error)) return error;
  return new QuiverError(
    "disk-full",
    `Cannot write ${path}: the disk is full. Free some space and try again; what was there before stays as it is.`,
    { path },
    error,
  );
}
