import { existsSync } from "node:fs";
import { join } from "node:path";
import { formatDate, formatInstant } from "../../shared/time/index.ts";
import type { StageTimings } from "../../shared/protocol/invocation.ts";
import type { InvocationPlan } from "../plan/invocation-plan.ts";
import type { Lineage, Manifest, ManifestFile, ManifestMaking } from "../store/manifest.ts";
import { type PublishTarget, setDirOf } from "./publish-target.ts";
import { checksumSchemaOf } from "./checksum-of.ts";
import type { VersionContent, VersionFiles } from "./version-content.ts";

/** Everything that goes into a manifest. */
export interface VersionFacts {
  readonly target: PublishTarget;
  readonly plan: InvocationPlan;
  readonly content: VersionContent;
  readonly rowChecksum: string;
  readonly resume: ManifestFile | null;
  readonly made: ManifestMaking;
  readonly lineage: Lineage;
  readonly timings: StageTimings;
  readonly now: Date;
}

/** Describes the content of a version and where it came from. */
export function manifestOf({
  target,
  plan,
  content,
  rowChecksum,
  resume,
  made,
  lineage,
  timings,
  now,
}: VersionFacts): Manifest {
  const { segments, tail } = content;
  const all: readonly VersionFiles[] = tail === null ? segments : [...segments, tail];
  const parts = all.flatMap((files) => files.parts);
  const last = plan.stages.at(-1)!;
  const { tsType } = checksumSchemaOf(plan);
  const outputs = last.outputs.filter(
    ({ name }) => last.shape === "feature" || (name !== "ts" && name !== "symbol"),
  );
  const schema = outputs.map((output, i) => ({
    ...output,
    nullCount: sumOf(all, ({ nullCounts }) => nullCounts[i]),
    infCount: sumOf(all, ({ infCounts }) => infCounts[i]),
  }));
  const times = all.flatMap(({ firstTs, lastTs }) => (firstTs === null ? [] : [firstTs, lastTs ?? firstTs]));
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
    rowChecksum,
    parts,
    resume,
    made,
    lineage,
    timings,
  };
}

/** UTC time and the start of the fingerprint; the next free second if a damaged version has that name. */
function versionOf(setDir: string, fingerprint: string, now: Date): string {
  for (let time = now.getTime(); ; time += 1000) {
    const text = new Date(time).toISOString().replaceAll(/[-:]|\.\d+/g, "");
    const version = `${text}-${fingerprint.slice(0, 8)}`;
    if (!existsSync(join(setDir, version))) return version;
  }
}

function sumOf(all: readonly VersionFiles[], count: (files: VersionFiles) => number | undefined): number {
  return all.reduce((sum, files) => sum + (count(files) ?? 0), 0);
}
