import { existsSync, mkdirSync, readdirSync, renameSync, rmSync, statSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { readCurrent } from "./current-version.ts";
import { datasetPaths } from "./dataset-paths.ts";
import { type FeatureSet, listFeatureSets, readManifest } from "./feature-sets.ts";
import type { Manifest } from "./manifest.ts";
import { listDatasets } from "./read-dataset.ts";

/** A version that nobody needs. */
export interface GarbageVersion {
  readonly dataset: string;
  readonly name: string;
  readonly kind: "feature" | "label";
  readonly version: string;
  readonly byteLength: number;
  readonly dir: string;
}

export interface GarbageOptions {
  /** Of each feature set, so many of the newest versions stay. */
  readonly keep: number;
  /** A version stays that was current after this moment. */
  readonly notCurrentSince: Date;
  /** All versions together take so many bytes at most: beyond that the others go too, the longest replaced first. */
  readonly bytesMax?: number;
  /** And so does what was current after this moment, whatever its bytes: a running query may still read it. */
  readonly notReadSince?: Date;
}

export interface Garbage {
  readonly garbage: readonly GarbageVersion[];
  readonly staying: { readonly versions: number; readonly byteLength: number };
}

/**
 * Finds versions that are neither current, nor among the newest, nor lately current, and whose files no version that
 * stays refers to; where there is a bound of bytes, more of those that are not current. Decides only; `removeGarbage`
 * does.
 */
export function findGarbage(dataDir: string, options: GarbageOptions): Garbage {
  const { keep, notCurrentSince, bytesMax = Infinity, notReadSince = notCurrentSince } = options;
  const sets = listDatasets(dataDir).flatMap((dataset) => listFeatureSets(dataDir, dataset));
  const versions = sets.flatMap((set) => versionsOf(dataDir, set));
  let staying = versions.filter(
    ({ age, currentUntil }) => age < keep || currentUntil >= notCurrentSince.getTime(),
  );
  staying = withReadBy(staying, versions);
  let byteLength = staying.reduce((sum, one) => sum + one.byteLength, 0);
  const mayGo = staying
    .filter(({ currentUntil }) => currentUntil < notReadSince.getTime())
    .toSorted((a, b) => a.currentUntil - b.currentUntil);
  while (byteLength > bytesMax) {
    // What a version refers to can go once that one has.
    const next = mayGo.find((one) => staying.includes(one) && !isRead(one, staying));
    if (next === undefined) break;
    staying = staying.filter((one) => one !== next);
    byteLength -= next.byteLength;
  }
  const garbage = versions.filter((one) => !staying.includes(one));
  return {
    garbage: garbage.map(({ set: { dataset, name, kind }, version, byteLength: bytes, dir }) => ({
      dataset,
      name,
      kind,
      version,
      byteLength: bytes,
      dir,
    })),
    staying: { versions: staying.length, byteLength },
  };
}

interface StoredVersion {
  readonly set: FeatureSet;
  readonly version: string;
  readonly dir: string;
  /** Newer versions of its set. */
  readonly age: number;
  /** When another one took its place; Infinity for what is current, and for what cannot be judged. */
  readonly currentUntil: number;
  /** Folders that its parts lie in. */
  readonly reads: readonly string[];
  readonly byteLength: number;
}

function versionsOf(dataDir: string, set: FeatureSet): StoredVersion[] {
  const paths = datasetPaths(dataDir, set.dataset);
  const setDir = join(set.kind === "feature" ? paths.features : paths.labels, set.name);
  const replaced = new Map(readCurrent(setDir)?.replaced.map(({ version, at }) => [version, Date.parse(at)]));
  let successor: Manifest | undefined;
  return set.versions.map((version, age) => {
    const dir = join(setDir, version);
    const manifest = readManifest(dataDir, set, version);
    const isNeeded = version === set.current || manifest === undefined;
    // Where that is not recorded: when the next one was published. The newest gave way to what is current again.
    const until = replaced.get(version) ?? Date.parse(successor?.publishedAt ?? changedAt(setDir));
    successor = manifest;
    const currentUntil = isNeeded || Number.isNaN(until) ? Infinity : until;
    return {
      set,
      version,
      dir,
      age,
      currentUntil,
      reads: foldersReadBy(dir, manifest),
      byteLength: bytesIn(dir),
    };
  });
}

/** Some versions, and those that their parts lie in. */
function withReadBy(some: readonly StoredVersion[], all: readonly StoredVersion[]): StoredVersion[] {
  const needed = new Set(some.flatMap(({ dir, reads }) => [dir, ...reads]));
  return all.filter(({ dir }) => needed.has(dir));
}

function isRead({ dir }: StoredVersion, staying: readonly StoredVersion[]): boolean {
  return staying.some((other) => other.dir !== dir && other.reads.includes(dir));
}

/** A version may consist of earlier versions' parts. */
function foldersReadBy(dir: string, manifest: Manifest | undefined): string[] {
  return [...new Set((manifest?.parts ?? []).map(({ path }) => dirname(resolve(dir, path))))];
}

function changedAt(setDir: string): string {
  const stat = statSync(join(setDir, "current.json"), { throwIfNoEntry: false });
  return stat?.mtime.toISOString() ?? "";
}

/** By rename first: nobody ever sees half a version. */
export function removeGarbage(garbage: readonly GarbageVersion[]): void {
  for (const { dir, version } of garbage) {
    if (!existsSync(dir)) continue;
    const staging = join(dirname(dir), ".staging");
    const away = join(staging, `removed-${version}`);
    mkdirSync(staging, { recursive: true });
    rmSync(away, { recursive: true, force: true });
    renameSync(dir, away);
    rmSync(away, { recursive: true, force: true });
  }
}

function bytesIn(dir: string): number {
  return readdirSync(dir).reduce((sum, name) => sum + statSync(join(dir, name)).size, 0);
}
