import { checkFeatureSet, findVersion } from "../collect/find-version.ts";
import type { VersionFacts } from "../collect/manifest-of.ts";
import type { PublishTarget } from "../collect/publish-target.ts";
import { abandonVersion, stageVersion, type StagedVersion } from "../collect/publish-version.ts";
import { discardResults, type PartitionResult, releaseResults } from "../results/partition-result.ts";
import type { Manifest } from "../store/manifest.ts";
import { executePlan, type SinkOf } from "./execute-plan.ts";
import type { InvokeOptions, PublishResult } from "./invocation.ts";
import type { PublishRequest } from "../../shared/protocol/invocation.ts";
import { lineageOf } from "./lineage-of.ts";
import type { PreparedPlan, ResolvedRequest } from "./prepare-plan.ts";
import type { PrepareRequestSettings } from "./prepare-request.ts";
import { factsOf, type RunningInvocation } from "./record-invocation.ts";

/** A publish whose request was resolved, once, before choosing how to carry it out. */
export interface ResolvedPublish {
  readonly request: PublishRequest;
  readonly options: InvokeOptions;
  readonly resolved: ResolvedRequest;
  readonly target: PublishTarget;
  readonly invocation: RunningInvocation;
}

export interface PublishContext {
  readonly settings: PrepareRequestSettings;
  readonly now: () => Date;
  /** Runs publishes to the same feature set one at a time. */
  readonly exclusively: <T>(target: PublishTarget, work: () => Promise<T>) => Promise<T>;
}

/** What the partitions of a version write, and how they become the version. */
export interface VersionMaking {
  readonly sinkOf: SinkOf;
  readonly commit: (
    staged: StagedVersion,
    results: readonly PartitionResult[],
    facts: Pick<VersionFacts, "target" | "plan" | "lineage" | "timings" | "now">,
  ) => Promise<Manifest>;
}

/**
 * Runs a plan into a version: stages, runs, commits. Returns the existing version if it has the plan's fingerprint. A
 * failure leaves neither a version nor a staging folder.
 */
export async function publishPlan(
  { request, options, resolved, target, invocation }: ResolvedPublish,
  prepared: PreparedPlan,
  { sinkOf, commit }: VersionMaking,
  { settings, now }: PublishContext,
): Promise<PublishResult> {
  const { plan } = prepared;
  const { stopwatch } = invocation;
  const bound = Object.keys(request.inputs ?? {}).toSorted();
  const lineage = { ...lineageOf(plan, resolved.bound, settings.runtime), bound };
  checkFeatureSet(target, lineage, request.replace ?? false);
  const existing = options.recompute === true ? undefined : await findVersion(target, plan.fingerprint);
  if (existing !== undefined)
    return { facts: factsOf(invocation, prepared, []), manifest: existing, created: false };
  const staged = await stageVersion(target, invocation.id);
  let results: readonly PartitionResult[] = [];
  try {
    results = await executePlan(prepared, sinkOf, { ...options, durable: true }, settings);
    stopwatch.end("run");
    options.signal?.throwIfAborted();
    const timings = [...stopwatch.timings()];
    const manifest = await commit(staged, results, { target, plan, lineage, timings, now: now() });
    await discardResults(results);
    stopwatch.end("collect");
    return { facts: factsOf(invocation, prepared, results), manifest, created: true };
  } catch (error) {
    await abandonVersion(staged);
    throw error;
  } finally {
    await releaseResults(results);
  }
}

/** How a version's Parquet is compressed. */
export function codecOf({ codec = "zstd", compressionLevel = 1 }: PublishRequest) {
  return { codec, level: compressionLevel };
}
