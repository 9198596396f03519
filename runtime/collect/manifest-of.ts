import { existsSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { type ChecksumUnit, checksumsPerUnit, rowChecksum } from "../../shared/row-checksum/index.ts";
import { formatDate, formatInstant } from "../../shared/time/index.ts";
import type { StageTimings } from "../invoke/invocation.ts";
import type { PartitionResult } from "../invoke/run-plan.ts";
import type { InvocationPlan } from "../plan/invocation-plan.ts";
import type { Lineage, Manifest, ManifestPart } from "../store/manifest.ts";
import { type PublishTarget, setDirOf } from "./publish-target.ts";

/** Everything a manifest is made of. */
export interface VersionFacts {
  readonly target: PublishTarget;
  readonly plan: InvocationPlan;
  readonly results: readonly PartitionResult[];
  readonly parts: readonly ManifestPart[];
  readonly lineage: Lineage;
  readonly timings: StageTimings;
  readonly now: Date;
}

/** What is in a version and where it came from. */
export async function manifestOf({
  target,
  plan,
  results,
  parts,
  lineage,
  timings,
  now,
}: VersionFacts): Promise<Manifest> {
  const last = plan.stages.at(-1)!;
  const ts = last.shape === "table" ? last.outputs.find((output) => output.name === "ts")?.type : undefined;
  const tsType = ts === "date32" || ts === "timestamp" ? ts : plan.tsType;
  const outputs = last.outputs.filter(
    ({ name }) => last.shape === "feature" || (name !== "ts" && name !== "symbol"),
  );
  const schema = outputs.map((output) => ({ ...output, ...countsOf(output.name, results) }));
  const times = results.flatMap(({ reply }) =>
    reply.firstTs === null ? [] : [reply.firstTs, reply.lastTs ?? reply.firstTs],
  );
  const timeText = (time: number) => (tsType === "date32" ? formatDate(time) : formatInstant(time));
  return {
    formatVersion: 1,
    dataset: target.dataset,
    name: target.name,
    kind: target.kind,
    version: versionOf(setDirOf(target), plan.fingerprint, now),
    fingerprint: plan.fingerprint,
    publishedAt: now.toISOString(),
    schema,
    tsType,
    rowCount: parts.reduce((sum, part) => sum + part.rowCount, 0),
    byteLength: parts.reduce((sum, part) => sum + part.byteLength, 0),
    firstTs: times.length === 0 ? null : timeText(Math.min(...times)),
    lastTs: times.length === 0 ? null : timeText(Math.max(...times)),
    rowChecksum: rowChecksum(
      { tsType, columns: outputs.map(({ name, type }) => ({ name, type })) },
      await unitsOf(results, outputs.length),
    ),
    parts,
    lineage,
    timings,
  };
}

/** UTC time and the fingerprint's start; the next free second where a damaged version has this one. */
function versionOf(setDir: string, fingerprint: string, now: Date): string {
  for (let time = now.getTime(); ; time += 1000) {
    const text = new Date(time).toISOString().replaceAll(/[-:]|\.\d+/g, "");
    const version = `${text}-${fingerprint.slice(0, 8)}`;
    if (!existsSync(join(setDir, version))) return version;
  }
}

function countsOf(
  name: string,
  results: readonly PartitionResult[],
): { nullCount: number; infCount: number } {
  let nullCount = 0;
  let infCount = 0;
  for (const { reply } of results) {
    const column = reply.columns.find((candidate) => candidate.name === name);
    nullCount += column?.nullCount ?? 0;
    infCount += column?.infCount ?? 0;
  }
  return { nullCount, infCount };
}

/** What every partition's symbols contribute to the row checksum, in symbol order. */
async function unitsOf(results: readonly PartitionResult[], columnCount: number): Promise<ChecksumUnit[]> {
  const words = checksumsPerUnit(columnCount);
  const all: ChecksumUnit[] = [];
  for (const { reply, outDir } of results) {
    if (reply.checksumFile === null) continue;
    const file: unknown = JSON.parse(await readFile(join(outDir, reply.checksumFile), "utf8"));
    if (!isChecksumFile(file))
      throw new Error(`${reply.checksumFile} of a partition is not what its process writes`);
    for (const [i, { symbol, rowCount }] of file.units.entries()) {
      all.push({
        symbol,
        rowCount,
        checksums: Uint32Array.from(file.checksums.slice(i * words, (i + 1) * words)),
      });
    }
  }
  return all;
}

interface ChecksumFile {
  readonly units: readonly { readonly symbol: string; readonly rowCount: number }[];
  readonly checksums: readonly number[];
}

function isChecksumFile(value: unknown): value is ChecksumFile {
  return (
    typeof value === "object" &&
    value !== null &&
    "units" in value &&
    Array.isArray(value.units) &&
    "checksums" in value &&
    Array.isArray(value.checksums)
  );
}
