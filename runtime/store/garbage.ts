import { existsSync, mkdirSync, readdirSync, renameSync, rmSync, statSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { readCurrent } from "./current-version.ts";
import { datasetPaths } from "./dataset-paths.ts";
import { type FeatureSet, listFeatureSets, readManifest } from "./feature-sets.ts";
import type { Manifest } from "./manifest.ts";
import { listDatasets } from "./read-dataset.ts";

/** A version that can be removed. */
export interface GarbageVersion {
  readonly dataset: string;
  readonly name: string;
  readonly kind: "feature" | "label";
  readonly version: string;
  readonly byteLength: number;
  readonly dir: string;
}

export interface GarbageOptions {
  /** This many of the newest versions of each feature set stay. */
  readonly keep: number;
  /** Versions that were current after this moment stay. */
  readonly notCurrentSince: Date;
  /** The limit for the bytes of all versions. Beyond it older versions go as well, those replaced longest ago first. */
  readonly bytesMax?: number;
  /** Versions that were current after this moment stay even beyond the limit: a running query may still read them. */
  readonly notReadSince?: Date;
}

export interface Garbage {
  readonly garbage: readonly GarbageVersion[];
  readonly staying: { readonly versions: number; readonly byteLength: number };
}

/**
 * Finds versions that are neither current, nor among the newest, nor were current recently, and whose files no
 * remaining version refers to; under a limit of bytes, further versions that are not current. `removeGarbage` removes
 * them.
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
    // A version can go once the versions that refer to it are gone.
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
  /** The number of newer versions of its set. */
  readonly age: number;
  /** When another version replaced it; Infinity when it is current, or when that is unknown. */
  readonly currentUntil: number;
  /** The folders of its parts. */
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
    // Without a record, assume that the next version replaced it, and the newest one gave way to the current one.
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

/** The given versions, and those that hold their parts. */
function withReadBy(some: readonly StoredVersion[], all: readonly StoredVersion[]): StoredVersion[] {
  const needed = new Set(some.flatMap(({ dir, reads }) => [dir, ...reads]));
  return all.filter(({ dir }) => needed.has(dir));
}

function isRead({ dir }: StoredVersion, staying: readonly StoredVersion[]): boolean {
  return staying.some((other) => other.dir !== dir && other.reads.includes(dir));
}

/** A version may refer to parts of earlier versions. */
function foldersReadBy(dir: string, manifest: Manifest | undefined): string[] {
  return [...new Set((manifest?.parts ?? []).map(({ path }) => dirname(resolve(dir, path))))];
}

function changedAt(setDir: string): string {
  const stat = statSync(join(setDir, "current.json"), { throwIfNoEntry: false });
  return stat?.mtime.toISOString() ?? "";
}

/** Renames a version before it deletes files, so that nobody sees half a version. */
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
