import { createHash, randomUUID } from "node:crypto";
import { existsSync } from "node:fs";
import { readFile, rename, rm, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { isUnchanged, type SourceStamp } from "./source-stamp.ts";

/** A build, and every file that influenced it, as of then. */
export interface KeptBuild {
  /** The name of its folder in the cache. */
  readonly name: string;
  /** The project's own files that it was built from. */
  readonly sources: readonly SourceStamp[];
  /** Files of packages, and files that decide how the child is built. */
  readonly others: readonly SourceStamp[];
}

/** The file that records the build with these facts: everything it depends on besides source files. */
export function keptBuildFile(cacheDir: string, facts: readonly unknown[]): string {
  const key = createHash("sha256").update(JSON.stringify(facts)).digest("hex").slice(0, 16);
  return join(cacheDir, `built-${key}.json`);
}

/**
 * The recorded build, if a new one would give the same. Bundling takes a fifth of a second; comparing the stamps of its
 * files takes milliseconds.
 */
export async function findKeptBuild(file: string): Promise<KeptBuild | undefined> {
  const kept = await readKept(file);
  if (kept === undefined || !existsSync(join(dirname(file), kept.name))) return undefined;
  return [...kept.sources, ...kept.others].every(isUnchanged) ? kept : undefined;
}

/**
 * Records a build, unless one of its files was written so recently that its time cannot identify it. A full disk is
 * ignored: the next process then builds again.
 */
export async function keepBuild(file: string, kept: KeptBuild): Promise<void> {
  if ([...kept.sources, ...kept.others].some(({ mtimeMs }) => Number.isNaN(mtimeMs))) return;
  const temporary = `${file}.${randomUUID()}.tmp`;
  try {
    await writeFile(temporary, JSON.stringify(kept));
    await rename(temporary, file);
  } catch {
    await rm(temporary, { force: true });
  }
}

async function readKept(file: string): Promise<KeptBuild | undefined> {
  try {
    const value: unknown = JSON.parse(await readFile(file, "utf8"));
    return isKeptBuild(value) ? value : undefined;
  } catch {
    // The record is missing or unreadable; a new build replaces it.
    return undefined;
  }
}

function isKeptBuild(value: unknown): value is KeptBuild {
  if (typeof value !== "object" || value === null) return false;
  if (!("name" in value) || !("sources" in value) || !("others" in value)) return false;
  return typeof value.name === "string" && [value.sources, value.others].every(isStampList);
}

function isStampList(value: unknown): boolean {
  return Array.isArray(value) && value.every((stamp: unknown) => isStamp(stamp));
}

function isStamp(value: unknown): boolean {
  return typeof value === "object" && value !== null && "path" in value && typeof value.path === "string";
}
