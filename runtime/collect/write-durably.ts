import { mkdir, open, rename, rm } from "node:fs/promises";
import { dirname } from "node:path";
import { QuiverError } from "../../shared/errors/index.ts";

/**
 * Writes a file so that its bytes survive a power cut. Like all here without holding the event loop up: flushing can
 * take as long as a disk likes.
 */
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
    throw isDiskFull(error) ? diskFull(path, error) : error;
  }
}

/** Replaces a file: readers, and a machine that stops at any instant, find the old content or the new. */
export async function replaceDurably(path: string, content: string): Promise<void> {
  const temporary = `${path}.tmp-${process.pid}`;
  try {
    await writeDurably(temporary, content);
    await rename(temporary, path);
  } catch (error) {
    await rm(temporary, { force: true });
    throw error;
  }
  await syncFolder(dirname(path));
}

/** Makes the names in a folder durable. */
export async function syncFolder(path: string): Promise<void> {
  const folder = await open(path, "r");
  try {
    await folder.sync();
  } finally {
    await folder.close();
  }
}

function isDiskFull(error: unknown): boolean {
  const code = typeof error === "object" && error !== null && "code" in error ? error.code : undefined;
  return code === "ENOSPC" || code === "EDQUOT";
}

function diskFull(path: string, cause: unknown): QuiverError {
  return new QuiverError(
    "disk-full",
    `Cannot write ${path}: the disk is full. Free some space and publish again; what is published stays as it is.`,
    { path },
    cause,
  );
}

/** Makes a folder and those above it that are missing, each durably named in the one above. */
export async function makeFolderDurably(path: string): Promise<void> {
  const first = await mkdir(path, { recursive: true });
  if (first === undefined) return;
  for (let made = path; made.length >= first.length; made = dirname(made)) await syncFolder(dirname(made));
}
