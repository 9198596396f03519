import { createHash } from "node:crypto";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { decodeUnitFacts, encodeUnitFacts } from "../../shared/row-checksum/index.ts";
import type { ResumeBasis } from "../plan/resume-basis.ts";
import type { Manifest, ManifestFile } from "../store/manifest.ts";
import type { VersionContent, VersionSegment, VersionTail } from "./version-content.ts";
import { writeDurably } from "../store/durable-files.ts";

/** What a version keeps so that the next one can continue from it. */
export interface ResumeRecord extends ResumeBasis {
  readonly content: VersionContent;
}

const RESUME_FILE = "resume.bin";
/** Raised when older files must no longer be used: versions that have one are then computed whole. */
const FORMAT_VERSION = 2;

/**
 * Writes the record into a version's folder. Its size depends on the symbols, not on the rows: a few words per
 * column and symbol, and the saved state of a recursive function.
 */
export async function writeResume(
  versionDir: string,
  { computation, sources, content }: ResumeRecord,
): Promise<ManifestFile> {
  const { segments, units, tail } = content;
  const bytes = encodeUnitFacts(units, {
    formatVersion: FORMAT_VERSION,
    computation,
    sources,
    segments,
    tail,
  });
  await writeDurably(join(versionDir, RESUME_FILE), bytes);
  return {
    path: RESUME_FILE,
    byteLength: bytes.length,
    sha256: createHash("sha256").update(bytes).digest("hex"),
  };
}

/** What a version kept; undefined if it kept nothing or the file differs from the one its manifest states. */
export async function readResume(versionDir: string, manifest: Manifest): Promise<ResumeRecord | undefined> {
  const { resume } = manifest;
  if (resume == null) return undefined;
  const bytes = await readFile(join(versionDir, resume.path)).catch(() => undefined);
  if (bytes === undefined || createHash("sha256").update(bytes).digest("hex") !== resume.sha256)
    return undefined;
  const decoded = decodeUnitFacts(bytes);
  if (decoded === undefined || !isResumeHeader(decoded.more)) return undefined;
  const { computation, sources, segments, tail } = decoded.more;
  return { computation, sources, content: { segments, units: decoded.facts, tail } };
}

interface ResumeHeader extends ResumeBasis {
  readonly segments: readonly VersionSegment[];
  readonly tail: VersionTail | null;
}

/** The file's hash shows that Quiver wrote it; its format shows which code did. */
function isResumeHeader(more: object): more is ResumeHeader {
  return "formatVersion" in more && more.formatVersion === FORMAT_VERSION;
}
