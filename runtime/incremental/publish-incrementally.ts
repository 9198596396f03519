import type { EventTime } from "../../shared/time/index.ts";
import { checksumOf } from "../collect/checksum-of.ts";
import { type BaseVersion, checkFeatureSet, findBase, findVersion } from "../collect/find-version.ts";
import type { PublishTarget } from "../collect/publish-target.ts";
import { abandonVersion, commitVersion, stageFiles, stageVersion } from "../collect/publish-version.ts";
import { settledUntil } from "../collect/settled-until.ts";
import { partitionFactsOf } from "../collect/version-content.ts";
import { executePlan } from "../invoke/execute-plan.ts";
import { discardResults, type PartitionResult, releaseResults } from "../results/partition-result.ts";
import type { InvokeOptions, PublishRequest, PublishResult } from "../invoke/invocation.ts";
import { lineageOf } from "../invoke/lineage-of.ts";
import { resolveRequest, toPlanInput } from "../invoke/prepare-plan.ts";
import type { PrepareRequestSettings } from "../invoke/prepare-request.ts";
import { factsOf, type RunningInvocation } from "../invoke/record-invocation.ts";
import { findTableInput } from "../invoke/table-input.ts";
import { outlinePlan } from "../plan/outline-plan.ts";
import { fingerprintOfPlan, resumeBasisOf } from "../plan/resume-basis.ts";
import { changesBetween } from "../store/dataset-changes.ts";
import { appendContent } from "./append-content.ts";
import { type Choice, chooseSymbols } from "./choose-symbols.ts";
import { firstChangesOf } from "./first-changes.ts";
import { prepareAppend, type PreparedAppend } from "./prepare-append.ts";
import { reachOf, readsText } from "./reach.ts";
import { writeResumeInputs } from "./resume-inputs.ts";

export interface IncrementalSettings extends PrepareRequestSettings {
  readonly dataDir: string;
}

export interface IncrementalContext {
  readonly settings: IncrementalSettings;
  readonly invocation: RunningInvocation;
  readonly now: () => Date;
  /** Runs what publishes to one feature set one after the other. */
  readonly exclusively: <T>(target: PublishTarget, work: () => Promise<T>) => Promise<T>;
}

const CODEC = { codec: "zstd", level: 1 } as const;

/**
 * Publishes out of the current version what its inputs' changes leave of it, and computes the rest. Undefined when there
 * is nothing to go on from, or when computing everything is the only way, or the better one: the caller does that.
 */
export async function publishIncrementally(
  request: PublishRequest,
  options: InvokeOptions,
  context: IncrementalContext,
): Promise<PublishResult | undefined> {
  const { settings, invocation } = context;
  if (options.recompute === true || options.body !== undefined) return undefined;
  const resolved = await resolveRequest(request, settings, options.signal);
  const { bound, rows } = resolved;
  if (findTableInput(bound) !== undefined) return undefined;
  const input = toPlanInput(request, resolved, settings);
  const outline = outlinePlan(input, () => true);
  const basis = resumeBasisOf(input, outline);
  if (basis === null || readsText(outline.stages)) return undefined;
  const { name: dataset } = rows.record;
  const { kind } = bound.entry.description;
  const target = { dataDir: settings.dataDir, dataset, name: request.as ?? bound.entry.name, kind };
  return context.exclusively(target, async () => {
    const base = await findBase(target, basis);
    if (base === undefined) return undefined;
    if ((await findVersion(target, fingerprintOfPlan(input, outline))) !== undefined) return undefined;
    const changes = firstChangesOf(outline.stages, {
      dataset: rows.record,
      before: base.resume.sources,
      recordOf: (name) => settings.datasets.get(name).record,
      changesBetween: (name, from, to, columns) => changesBetween(settings.dataDir, name, from, to, columns),
    });
    if (changes === undefined) return undefined;
    const { content } = base.resume;
    const reach = reachOf(outline.stages);
    const symbolIndex = settings.datasets.get(dataset).index();
    const { columns } = rows.record;
    const settled = reach.canAppend
      ? settledUntil(symbolIndex, columns, content.tail?.settledUntil ?? null)
      : null;
    const choice = chooseSymbols({ content, changes, index: symbolIndex, settledUntil: settled, ...reach });
    if (choice === undefined) return undefined;
    const { signal } = options;
    const facts = { input, outline, rows, symbolIndex, reach, choice, content, signal };
    const prepared = await prepareAppend(facts, settings);
    if (prepared === undefined) return undefined;
    invocation.dataset = dataset;
    invocation.clock.end("plan");
    try {
      return await publishAppend(request, options, context, { target, base, choice, prepared, settled });
    } finally {
      prepared.release();
    }
  });
}

interface DecidedAppend {
  readonly target: PublishTarget;
  readonly base: BaseVersion;
  readonly choice: Choice;
  readonly prepared: PreparedAppend;
  /** The event time that rows are settled up to; null for all of them. */
  readonly settled: EventTime | null;
}

async function publishAppend(
  request: PublishRequest,
  options: InvokeOptions,
  { settings, invocation, now }: IncrementalContext,
  { target, base, choice, prepared, settled }: DecidedAppend,
): Promise<PublishResult> {
  const { plan, cuts, segmentOf } = prepared;
  const lineage = lineageOf(plan, settings.runtime);
  checkFeatureSet(target, lineage, request.replace ?? false);
  const owner = `${target.dataset}/${target.kind}/${target.name}`;
  const resumed = await writeResumeInputs(plan, base.resume.content.units, {
    dir: settings.stagesDir,
    owner,
  });
  const staged = await stageVersion(target, invocation.id);
  let results: readonly PartitionResult[] = [];
  try {
    const { codec = CODEC.codec, compressionLevel: level = CODEC.level } = request;
    const sinkOf = (partition: number) => {
      const resume = resumed.paths[partition];
      const sink = {
        kind: "parquet",
        file: "part.parquet",
        codec,
        level,
        cuts: cuts[partition]!,
        settledUntil: settled,
      } as const;
      return resume == null ? sink : { ...sink, resume };
    };
    results = await executePlan(prepared, sinkOf, { ...options, durable: true }, settings);
    invocation.clock.end("run");
    options.signal?.throwIfAborted();
    const facts = await Promise.all(results.map(partitionFactsOf));
    const files = (await stageFiles(staged, results, facts)).flat();
    const segmentNumberOf = (symbol: string) => segmentOf.get(symbol)!;
    const { content, made, ends } = appendContent({
      base,
      choice,
      files,
      segmentNumberOf,
      facts,
      settledUntil: settled,
    });
    const manifest = await commitVersion(staged, {
      target,
      plan,
      content,
      made,
      rowChecksum: ends === null ? base.manifest.rowChecksum : checksumOf(plan, ends),
      basis: plan.basis,
      lineage,
      timings: [...invocation.clock.timings()],
      now: now(),
    });
    await discardResults(results);
    invocation.clock.end("collect");
    return { facts: factsOf(invocation, prepared, results), manifest, created: true };
  } catch (error) {
    await abandonVersion(staged);
    throw error;
  } finally {
    await releaseResults(results);
    await resumed.remove();
  }
}
