import { stat } from "node:fs/promises";
import { join } from "node:path";
import { QuiverError } from "../../shared/errors/index.ts";
import type { ResumeBasis } from "../plan/resume-basis.ts";
import { assertName } from "../store/dataset-paths.ts";
import { findFeatureSet, listFeatureSets, readManifest } from "../store/feature-sets.ts";
import type { Lineage, Manifest } from "../store/manifest.ts";
import { identityDifferences } from "./identity-differences.ts";
import { type PublishTarget, setDirOf } from "./publish-target.ts";
import { makeCurrent } from "./publish-version.ts";
import { readResume, type ResumeRecord } from "./resume-file.ts";

/** Refuses a name that already holds something else, unless that is to be replaced. */
export function checkFeatureSet(target: PublishTarget, lineage: Lineage, replace: boolean): void {
  assertName(target.name, "feature set");
  const sets = listFeatureSets(target.dataDir, target.dataset).filter((set) => set.name === target.name);
  const other = sets.find((set) => set.kind !== target.kind);
  if (other !== undefined) {
    throw new QuiverError(
      "feature-set-conflict",
      `Cannot publish the ${target.kind} ${JSON.stringify(target.name)} of ${target.dataset}: the name holds a ${other.kind}. ` +
        "Publish under another name with `publish.as`.",
      { name: target.name, dataset: target.dataset },
    );
  }
  const [set] = sets;
  const current = set?.current == null ? undefined : readManifest(target.dataDir, set, set.current);
  if (current === undefined || replace) return;
  const differing = identityDifferences(current.lineage, lineage);
  if (differing.length === 0) return;
  throw new QuiverError(
    "feature-set-conflict",
    `Cannot publish ${JSON.stringify(target.name)} of ${target.dataset}: the name holds something else; ` +
      `${differing.map(({ text }) => text).join(", ")}. Publish under another name with \`publish.as\`, or set \`publish.replace\`.`,
    {
      name: target.name,
      dataset: target.dataset,
      differing: differing.map(({ key, was, is }) => ({ key, was: was ?? null, is: is ?? null })),
    },
  );
}

/** Finds a complete version with this fingerprint and makes it current again. */
export async function findVersion(target: PublishTarget, fingerprint: string): Promise<Manifest | undefined> {
  const set = findFeatureSet(target.dataDir, target.dataset, target.name, target.kind);
  if (set === undefined) return undefined;
  const setDir = setDirOf(target);
  for (const version of set.versions) {
    if (!version.endsWith(fingerprint.slice(0, 8))) continue;
    const manifest = readManifest(target.dataDir, set, version);
    if (manifest?.fingerprint !== fingerprint || !(await isWhole(join(setDir, version), manifest))) continue;
    if (set.current !== version) await makeCurrent(setDir, version);
    return manifest;
  }
  return undefined;
}

/** The current version, if it has this fingerprint and is complete. */
export async function findCurrent(target: PublishTarget, fingerprint: string): Promise<Manifest | undefined> {
  const set = findFeatureSet(target.dataDir, target.dataset, target.name, target.kind);
  // A version's name ends with the start of its fingerprint, so other manifests need not be read.
  if (set?.current?.endsWith(fingerprint.slice(0, 8)) !== true) return undefined;
  const manifest = readManifest(target.dataDir, set, set.current);
  if (manifest?.fingerprint !== fingerprint) return undefined;
  return (await isWhole(join(setDirOf(target), set.current), manifest)) ? manifest : undefined;
}

/** A version that the next one can continue from. */
export interface BaseVersion {
  readonly manifest: Manifest;
  readonly resume: ResumeRecord;
}

/** The current version, if it was computed the same way, is complete, and kept what continuing needs. */
export async function findBase(
  target: PublishTarget,
  { computation }: ResumeBasis,
): Promise<BaseVersion | undefined> {
  const set = findFeatureSet(target.dataDir, target.dataset, target.name, target.kind);
  const manifest = set?.current == null ? undefined : readManifest(target.dataDir, set, set.current);
  if (manifest === undefined) return undefined;
  const dir = join(setDirOf(target), manifest.version);
  const resume = await readResume(dir, manifest);
  if (resume === undefined || resume.computation !== computation) return undefined;
  return (await isWhole(dir, manifest)) ? { manifest, resume } : undefined;
}

/** Whether every part exists with its length: somebody may have removed some to make room. */
async function isWhole(dir: string, { parts }: Manifest): Promise<boolean> {
  const found = await Promise.all(
    parts.map(async ({ path, byteLength }) => {
      const file = await stat(join(dir, path)).catch(() => undefined);
      return file?.size === byteLength;
    }),
  );
  return found.every(Boolean);
}
