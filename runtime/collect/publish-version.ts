import { mkdirSync, readFileSync, renameSync, rmSync } from "node:fs";
import { rename } from "node:fs/promises";
import { join } from "node:path";
import { QuiverError } from "../../shared/errors/index.ts";
import { type ChecksumUnit, checksumsPerUnit, rowChecksum } from "../../shared/row-checksum/index.ts";
import { formatDate, formatInstant } from "../../shared/time/index.ts";
import type { PartitionResult } from "../invoke/run-plan.ts";
import type { StageTimings } from "../invoke/invocation.ts";
import { canonicalJson } from "../plan/fingerprint.ts";
import type { InvocationPlan } from "../plan/invocation-plan.ts";
import { assertName, datasetPaths } from "../store/dataset-paths.ts";
import { listFeatureSets, readManifest } from "../store/feature-sets.ts";
import type { Lineage, Manifest, ManifestPart } from "../store/manifest.ts";
import { syncDir, writeAtomically } from "../store/write-atomically.ts";

export interface PublishTarget {
  readonly dataDir: string;
  readonly dataset: string;
  readonly name: string;
  readonly kind: "feature" | "label";
}

/** Where a publish writes until its version appears. */
export interface StagedVersion {
  readonly stagingDir: string;
  readonly setDir: string;
}

/** Refuses a name that already stands for something else, unless it is to be replaced. */
export function checkFeatureSet(target: PublishTarget, lineage: Lineage, replace: boolean): void {
  assertName(target.name, "feature set");
  const sets = listFeatureSets(target.dataDir, target.dataset).filter((set) => set.name === target.name);
  const other = sets.find((set) => set.kind !== target.kind);
  if (other !== undefined) {
    throw new QuiverError(
      "feature-set-conflict",
      `Cannot publish the ${target.kind} ${JSON.stringify(target.name)} of ${target.dataset}: the name holds a ${other.kind}. ` +
        "Publish under another name with `as`.",
      { name: target.name, dataset: target.dataset },
    );
  }
  const [set] = sets;
  const current = set?.current == null ? undefined : readManifest(target.dataDir, set, set.current);
  if (current === undefined || replace) return;
  const [was, is] = [current.lineage, lineage].map(({ function: name, params, inputs, symbols }) => ({
    function: name,
    params,
    inputs: inputs.map(({ input, dataset, function: upstream }) => ({ input, dataset, function: upstream })),
    symbols,
  }));
  const differing = (["function", "params", "inputs", "symbols"] as const).filter(
    (key) => canonicalJson(was?.[key]) !== canonicalJson(is?.[key]),
  );
  if (differing.length === 0) return;
  const [first] = differing;
  throw new QuiverError(
    "feature-set-conflict",
    `Cannot publish ${JSON.stringify(target.name)} of ${target.dataset}: it holds another ${first}, ` +
      `${canonicalJson(was?.[first!])}, and this is ${canonicalJson(is?.[first!])}. ` +
      "Publish under another name with `as`, or set `replace`.",
    { name: target.name, dataset: target.dataset, differing },
  );
}

/** The version with this fingerprint, if there is one; it becomes current again. */
export function findVersion(target: PublishTarget, fingerprint: string): Manifest | undefined {
  const set = listFeatureSets(target.dataDir, target.dataset).find(
    (candidate) => candidate.name === target.name && candidate.kind === target.kind,
  );
  if (set === undefined) return undefined;
  for (const version of set.versions) {
    if (!version.endsWith(fingerprint.slice(0, 8))) continue;
    const manifest = readManifest(target.dataDir, set, version);
    if (manifest?.fingerprint !== fingerprint) continue;
    if (set.current !== version) makeCurrent(setDirOf(target), version);
    return manifest;
  }
  return undefined;
}

export function stageVersion(target: PublishTarget, id: string): StagedVersion {
  const setDir = setDirOf(target);
  const stagingDir = join(setDir, ".staging", id);
  mkdirSync(stagingDir, { recursive: true });
  return { stagingDir, setDir };
}

export function abandonVersion({ stagingDir }: StagedVersion): void {
  rmSync(stagingDir, { recursive: true, force: true });
}

/** Takes a finished partition's file into the staging folder: a rename, so children must write to the same disk. */
export async function stagePart(
  { stagingDir }: StagedVersion,
  partition: number,
  result: PartitionResult,
  symbols: readonly string[],
): Promise<ManifestPart | undefined> {
  const [file] = result.reply.files;
  if (file === undefined || result.reply.rowCount === 0) return undefined;
  const path = `part-${String(partition).padStart(5, "0")}.parquet`;
  await rename(join(result.outDir, file.file), join(stagingDir, path));
  const outputs = result.units.symbol;
  return {
    path,
    rowCount: result.reply.rowCount,
    byteLength: file.byteLength,
    sha256: file.sha256 ?? "",
    firstSymbol: symbols[outputs[0]!] ?? "",
    lastSymbol: symbols[outputs.at(-1)!] ?? "",
  };
}

/** Writes the manifest and makes the version appear, whole, under its final name; then it is current. */
export function commitVersion(
  staged: StagedVersion,
  target: PublishTarget,
  plan: InvocationPlan,
  results: readonly PartitionResult[],
  parts: readonly ManifestPart[],
  lineage: Lineage,
  timings: StageTimings,
  now: Date,
): Manifest {
  const version = `${now.toISOString().replace(/[-:]|\.\d+/g, "")}-${plan.fingerprint.slice(0, 8)}`;
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
  const manifest: Manifest = {
    formatVersion: 1,
    dataset: target.dataset,
    name: target.name,
    kind: target.kind,
    version,
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
      unitsOf(results, outputs.length),
    ),
    parts,
    lineage,
    timings,
  };
  writeAtomically(join(staged.stagingDir, "manifest.json"), `${JSON.stringify(manifest, null, 2)}\n`);
  renameSync(staged.stagingDir, join(staged.setDir, version));
  syncDir(staged.setDir);
  makeCurrent(staged.setDir, version);
  return manifest;
}

function makeCurrent(setDir: string, version: string): void {
  writeAtomically(join(setDir, "current.json"), `${JSON.stringify({ version })}\n`);
}

function setDirOf({ dataDir, dataset, name, kind }: PublishTarget): string {
  const paths = datasetPaths(dataDir, dataset);
  return join(kind === "feature" ? paths.features : paths.labels, name);
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
function* unitsOf(results: readonly PartitionResult[], columnCount: number): Generator<ChecksumUnit> {
  const words = checksumsPerUnit(columnCount);
  for (const { reply, outDir } of results) {
    if (reply.checksumFile === null) continue;
    const file: unknown = JSON.parse(readFileSync(join(outDir, reply.checksumFile), "utf8"));
    if (!isChecksumFile(file))
      throw new Error(`${reply.checksumFile} of a partition is not what its process writes`);
    for (const [i, { symbol, rowCount }] of file.units.entries()) {
      yield {
        symbol,
        rowCount,
        checksums: Uint32Array.from(file.checksums.slice(i * words, (i + 1) * words)),
      };
    }
  }
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
