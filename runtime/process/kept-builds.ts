import { createHash, randomUUID } from "node:crypto";
import { existsSync } from "node:fs";
import { readFile, rename, rm, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { isUnchanged, type SourceStamp } from "./source-stamp.ts";

/** What a build came to, and every file that had a part in it, as it was then. */
export interface KeptBuild {
  /** The folder's name in the cache. */
  readonly name: string;
  /** The project's own files that it was built from. */
  readonly sources: readonly SourceStamp[];
  /** Packages, and what decides how is built. */
  readonly others: readonly SourceStamp[];
}

/** Where the build with these facts is noted: whatever it depends on besides the files. */
export function keptBuildFile(cacheDir: string, facts: readonly unknown[]): string {
  const key = createHash("sha256").update(JSON.stringify(facts)).digest("hex").slice(0, 16);
  return join(cacheDir, `built-${key}.json`);
}

/**
 * The build that is noted there, if it would come to the same now: bundling takes a fifth of a second, and looking at its
 * files takes milliseconds.
 */
export async function findKeptBuild(file: string): Promise<KeptBuild | undefined> {
  const kept = await readKept(file);
  if (kept === undefined || !existsSync(join(dirname(file), kept.name))) return undefined;
  return [...kept.sources, ...kept.others].every(isUnchanged) ? kept : undefined;
}

/**
 * Notes a build, unless one of its files was written too short a time ago to be known by its time. A disk that is full
 * costs the next process the time that the note would save it, and no more.
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
    // There is none, or none that is understood: building makes a good one.
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
