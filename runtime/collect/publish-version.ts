import { link, rename, rm } from "node:fs/promises";
import { join } from "node:path";
import type { EventTime } from "../../shared/time/index.ts";
import type { PartitionResult } from "../results/partition-result.ts";
import type { ResumeBasis } from "../plan/resume-basis.ts";
import { readCurrent, replaceCurrent } from "../store/current-version.ts";
import { makeFolderDurably, replaceDurably, syncFolder, writeDurably } from "../store/durable-files.ts";
import type { Manifest } from "../store/manifest.ts";
import { checksumOf } from "./checksum-of.ts";
import { manifestOf, type VersionFacts } from "./manifest-of.ts";
import { type PublishTarget, setDirOf, STAGING } from "./publish-target.ts";
import {
  contentOf,
  type PartitionFacts,
  partitionFactsOf,
  replaceUnits,
  type StagedFile,
} from "./version-content.ts";
import { writeResume } from "./resume-file.ts";

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

/**
 * Links the files of finished partitions into the staging folder, so the spool must be on the same disk. Files
 * without rows are left out.
 */
export async function stageFiles(
  { stagingDir }: StagedVersion,
  results: readonly PartitionResult[],
  facts: readonly PartitionFacts[],
): Promise<StagedFile[][]> {
  let count = 0;
  const staged = results.map(({ reply, outDir }, i) =>
    facts[i]!.files.filter(({ rowCount }) => rowCount > 0).map(async (file): Promise<StagedFile> => {
      const { rowCount, firstSymbol, lastSymbol, isLate } = file;
      const path = `${isLate ? "late" : "part"}-${String(count++).padStart(5, "0")}.parquet`;
      const written = reply.files.find((one) => one.file === file.file);
      if (written === undefined) throw new Error(`A partition told of ${file.file} and wrote none`);
      await link(join(outDir, written.file), join(stagingDir, path));
      const { byteLength, sha256 } = written;
      return {
        part: { path, rowCount, byteLength, sha256: sha256 ?? "", firstSymbol, lastSymbol },
        facts: file,
      };
    }),
  );
  return Promise.all(staged.map((files) => Promise.all(files)));
}

/** The facts of a version that was computed whole. */
export interface WholeVersion extends Pick<VersionFacts, "target" | "plan" | "lineage" | "timings" | "now"> {
  readonly results: readonly PartitionResult[];
  /** The event time up to which the partitions settled rows. */
  readonly settledUntil: EventTime | null;
}

/** Stages the results of all partitions and makes the version appear. */
export async function commitWhole(
  staged: StagedVersion,
  { results, settledUntil, ...facts }: WholeVersion,
): Promise<Manifest> {
  const partitions = await Promise.all(results.map(partitionFactsOf));
  const files = (await stageFiles(staged, results, partitions)).flat();
  const content = contentOf(files, partitions, settledUntil);
  const ends = replaceUnits(
    content.units,
    partitions.map((partition) => partition.ends),
  );
  const rowsComputed = files.reduce((sum, { part }) => sum + part.rowCount, 0);
  const { plan } = facts;
  return commitVersion(staged, {
    ...facts,
    content,
    rowChecksum: checksumOf(plan, ends),
    basis: plan.rowsOf === null ? plan.basis : null,
    made: {
      appendedTo: null,
      rowsComputed,
      symbolsRecomputed: ends.symbols.length,
      partsReferenced: 0,
    },
  });
}

/** The facts of a version before its manifest exists. */
export interface VersionToCommit extends Omit<VersionFacts, "resume"> {
  /** What a later version must share to continue from this one; null if none can. */
  readonly basis: ResumeBasis | null;
}

/** Writes the manifest, makes the complete version appear under its final name, and makes it current. */
export async function commitVersion(
  staged: StagedVersion,
  { basis, ...facts }: VersionToCommit,
): Promise<Manifest> {
  const { content } = facts;
  const resume = basis === null ? null : await writeResume(staged.stagingDir, { ...basis, content });
  const manifest = manifestOf({ ...facts, resume });
  // The children flushed their parts; flushing the folder secures their new names before the version appears.
  await writeDurably(join(staged.stagingDir, "manifest.json"), `${JSON.stringify(manifest, null, 2)}\n`);
  await syncFolder(staged.stagingDir);
  await rename(staged.stagingDir, join(staged.setDir, manifest.version));
  await syncFolder(staged.setDir);
  await makeCurrent(staged.setDir, manifest.version);
  return manifest;
}

export async function makeCurrent(setDir: string, version: string): Promise<void> {
  const current = replaceCurrent(readCurrent(setDir), version, new Date());
  await replaceDurably(join(setDir, "current.json"), `${JSON.stringify(current)}\n`);
}
