import { link, rename, rm } from "node:fs/promises";
import { join } from "node:path";
import type { PartitionResult } from "../invoke/run-plan.ts";
import type { ResumeBasis } from "../plan/resume-basis.ts";
import type { Manifest, ManifestPart } from "../store/manifest.ts";
import { manifestOf, type VersionFacts } from "./manifest-of.ts";
import { type PublishTarget, setDirOf, STAGING } from "./publish-target.ts";
import { contentOf } from "./version-content.ts";
import { writeResume } from "./resume-file.ts";
import { makeFolderDurably, replaceDurably, syncFolder, writeDurably } from "./write-durably.ts";

/** Where a publish writes until its version appears. */
export interface StagedVersion {
  readonly stagingDir: string;
  readonly setDir: string;
}

export async function stageVersion(target: PublishTarget, id: string): Promise<StagedVersion> {
  const setDir = setDirOf(target);
  const stagingDir = join(setDir, STAGING, id);
  await makeFolderDurably(stagingDir);
  return { stagingDir, setDir };
}

export async function abandonVersion({ stagingDir }: StagedVersion): Promise<void> {
  await rm(stagingDir, { recursive: true, force: true });
}

/** Takes a finished partition's file into the staging folder: by a link, so the spool must lie on the same disk. */
export async function stagePart(
  { stagingDir }: StagedVersion,
  partition: number,
  { units, reply, outDir }: PartitionResult,
  symbols: readonly string[],
): Promise<ManifestPart | undefined> {
  const [file] = reply.files;
  if (file === undefined || reply.rowCount === 0) return undefined;
  const path = `part-${String(partition).padStart(5, "0")}.parquet`;
  await link(join(outDir, file.file), join(stagingDir, path));
  // A table's units need not have given rows; a feature's all have.
  const present = reply.symbolRows?.symbols ?? units.symbol;
  return {
    path,
    rowCount: reply.rowCount,
    byteLength: file.byteLength,
    sha256: file.sha256 ?? "",
    firstSymbol: symbols[present[0]!] ?? "",
    lastSymbol: symbols[present.at(-1)!] ?? "",
  };
}

/** What a version that was computed whole is made of. */
export interface WholeVersion extends Pick<VersionFacts, "target" | "plan" | "lineage" | "timings" | "now"> {
  readonly results: readonly PartitionResult[];
  /** What the results' units are numbered by. */
  readonly symbols: readonly string[];
}

/** Stages the results of all partitions and makes the version appear. */
export async function commitWhole(
  staged: StagedVersion,
  { results, symbols, ...facts }: WholeVersion,
): Promise<Manifest> {
  const parts = await Promise.all(results.map((result, i) => stagePart(staged, i, result, symbols)));
  const content = await contentOf(results, parts);
  const rowsComputed = parts.reduce((sum, part) => sum + (part?.rowCount ?? 0), 0);
  const { plan } = facts;
  return commitVersion(staged, {
    ...facts,
    content,
    basis: plan.rowsOf === null ? plan.basis : null,
    made: {
      appendedTo: null,
      rowsComputed,
      symbolsRecomputed: content.units.symbols.length,
      partsReferenced: 0,
    },
  });
}

/** What a version is made of before its manifest is. */
export interface VersionToCommit extends Omit<VersionFacts, "resume"> {
  /** What a later version must share to go on from this one; null when none can. */
  readonly basis: ResumeBasis | null;
}

/** Writes the manifest and makes the version appear, whole, under its final name; then it is current. */
export async function commitVersion(
  staged: StagedVersion,
  { basis, ...facts }: VersionToCommit,
): Promise<Manifest> {
  const { content } = facts;
  const resume = basis === null ? null : await writeResume(staged.stagingDir, { ...basis, content });
  const manifest = manifestOf({ ...facts, resume });
  // The children flushed their parts; with the folder their new names are safe too, before the version appears.
  await writeDurably(join(staged.stagingDir, "manifest.json"), `${JSON.stringify(manifest, null, 2)}\n`);
  await syncFolder(staged.stagingDir);
  await rename(staged.stagingDir, join(staged.setDir, manifest.version));
  await syncFolder(staged.setDir);
  await makeCurrent(staged.setDir, manifest.version);
  return manifest;
}

export async function makeCurrent(setDir: string, version: string): Promise<void> {
  await replaceDurably(join(setDir, "current.json"), `${JSON.stringify({ version })}\n`);
}
