import { join } from "node:path";
import { checkFeatureSet, findVersion } from "../collect/find-version.ts";
import type { PublishTarget } from "../collect/publish-target.ts";
import { abandonVersion, commitWhole, stageVersion } from "../collect/publish-version.ts";
import { sinksOfVersion } from "../collect/sinks-of-version.ts";
import { publishIncrementally } from "../incremental/publish-incrementally.ts";
import type { InvocationRecord } from "../store/control-database.ts";
import { checkRequest } from "./check-request.ts";
import { explainChange } from "./explain-change.ts";
import { ARROW_SINK, explainedPlan } from "./explained-plan.ts";
import { executePlan, startExecution } from "./execute-plan.ts";
import { discardResults, type PartitionResult, releaseResults } from "../results/partition-result.ts";
import type {
  EarlyResult,
  InvocationRequest,
  InvokeOptions,
  Invoker,
  PublishRequest,
  PublishResult,
  ResultPart,
  SpooledResult,
} from "./invocation.ts";
import { findPublished } from "./find-published.ts";
import { createKeyedLock } from "../concurrency/keyed-lock.ts";
import { lineageOf } from "./lineage-of.ts";
import type { PreparedPlan } from "./prepare-plan.ts";
import { prepareRequest, type PrepareRequestSettings } from "./prepare-request.ts";
import { factsOf, factsOfPublished, recordInvocation, type RunningInvocation } from "./record-invocation.ts";
import { refuseUnpublishable, resultSchema, resultSymbols } from "./result-schema.ts";
import type { RowSource } from "./row-source.ts";
import type { InvocationPlan } from "../plan/invocation-plan.ts";

export interface InvokerSettings extends PrepareRequestSettings {
  readonly dataDir: string;
  readonly functionsDir: string;
  /** Notes how an invocation ended. */
  readonly record: (record: InvocationRecord) => void;
  /** Rows a caller sent along, as a source of rows. */
  readonly openBody: OpenBody;
  /** Called when a function will run as soon as its rows are found: its process starts meanwhile. */
  readonly willRun: () => void;
  readonly now?: () => Date;
}

/** Makes a source of rows from an uploaded Arrow body, for the function's columns. */
export type OpenBody = (
  request: InvocationRequest,
  options: InvokeOptions,
) => Promise<{ readonly rows: RowSource; release(): Promise<void> }>;

const DEFAULT_CODEC = { codec: "zstd", level: 1 } as const;

/** The one way functions are run: resolve, plan, load, run, collect, record. */
export function createInvoker(settings: InvokerSettings): Invoker {
  const { now = () => new Date() } = settings;
  const recording = { record: settings.record, now };
  const publishing = createKeyedLock();

  async function invoke(request: InvocationRequest, options: InvokeOptions = {}): Promise<SpooledResult> {
    return recordInvocation("invoke", request, options, recording, async (invocation) => {
      settings.willRun();
      const body = options.body === undefined ? undefined : await settings.openBody(request, options);
      try {
        const prepared = await prepareRequest(request, options, settings, invocation.clock, body?.rows);
        invocation.dataset = prepared.plan.dataset;
        try {
          const results = await executePlan(
            prepared,
            { kind: "arrow", file: "result.arrow" },
            options,
            settings,
          );
          invocation.clock.end("run");
          return toSpooledResult(invocation, prepared, results);
        } finally {
          prepared.release();
        }
      } finally {
        await body?.release();
      }
    });
  }

  /** The record is written at the end; until then the answer lives from the promise of each partition. */
  async function stream(request: InvocationRequest, options: InvokeOptions = {}): Promise<EarlyResult> {
    const early = Promise.withResolvers<EarlyResult>();
    let results: readonly PartitionResult[] = [];
    const recorded = recordInvocation("invoke", request, options, recording, async (invocation) => {
      settings.willRun();
      const body = options.body === undefined ? undefined : await settings.openBody(request, options);
      try {
        const prepared = await prepareRequest(request, options, settings, invocation.clock, body?.rows);
        invocation.dataset = prepared.plan.dataset;
        try {
          const { plan } = prepared;
          const running = await startExecution(prepared, ARROW_SINK, options, settings);
          early.resolve({
            id: invocation.id,
            fingerprint: plan.fingerprint,
            schema: resultSchema(plan),
            symbols: resultSymbols(plan),
            parts: partsInOrder(running.outputs),
            release: async () => {
              // How it ended is in the record, and in the parts.
              await recorded.catch(() => undefined);
              await releaseResults(results);
            },
          });
          results = await running.ended;
          invocation.clock.end("run");
          return { facts: factsOf(invocation, prepared, results) };
        } finally {
          prepared.release();
        }
      } finally {
        await body?.release();
      }
    });
    // Once the answer has begun, a failure reaches its reader through the parts.
    recorded.catch(early.reject);
    return early.promise;
  }

  async function publish(request: PublishRequest, options: InvokeOptions = {}): Promise<PublishResult> {
    return recordInvocation("publish", request, options, recording, async (invocation) => {
      const published =
        options.recompute === true ? undefined : await findPublished(request, options, settings);
      if (published !== undefined) {
        const { dataset, manifest } = published;
        invocation.dataset = dataset;
        invocation.clock.end("resolve");
        return { facts: factsOfPublished(invocation, manifest), manifest, created: false };
      }
      const appended = await publishIncrementally(request, options, {
        settings,
        invocation,
        now,
        exclusively: (target, work) => publishing.run(`${target.dataset}/${target.name}`, work),
      });
      if (appended !== undefined) return appended;
      const prepared = await prepareRequest(request, options, settings, invocation.clock);
      const { plan } = prepared;
      invocation.dataset = plan.dataset;
      try {
        refuseUnpublishable(plan);
        const { dataset, kind } = plan;
        const target = { dataDir: settings.dataDir, dataset, name: request.as ?? plan.function, kind };
        return await publishing.run(`${dataset}/${target.name}`, () =>
          publishPrepared(target, prepared, invocation, request, options),
        );
      } finally {
        prepared.release();
      }
    });
  }

  async function publishPrepared(
    target: PublishTarget,
    prepared: PreparedPlan,
    invocation: RunningInvocation,
    request: PublishRequest,
    options: InvokeOptions,
  ): Promise<PublishResult> {
    const { plan } = prepared;
    const { clock } = invocation;
    const lineage = lineageOf(plan, settings.runtime);
    checkFeatureSet(target, lineage, request.replace ?? false);
    const existing = options.recompute === true ? undefined : await findVersion(target, plan.fingerprint);
    if (existing !== undefined)
      return { facts: factsOf(invocation, prepared, []), manifest: existing, created: false };
    const staged = await stageVersion(target, invocation.id);
    let results: readonly PartitionResult[] = [];
    try {
      const { codec = DEFAULT_CODEC.codec, compressionLevel: level = DEFAULT_CODEC.level } = request;
      const { settledUntil, sinkOf } = sinksOfVersion(
        plan,
        { codec, level, ...(givesColumns(plan, request) ? { withColumns: true } : {}) },
        prepared.record.columns,
        () => settings.datasets.get(plan.dataset).index(),
      );
      results = await executePlan(prepared, sinkOf, { ...options, durable: true }, settings);
      clock.end("run");
      options.signal?.throwIfAborted();
      const manifest = await commitWhole(staged, {
        target,
        plan,
        results,
        settledUntil,
        lineage,
        timings: [...clock.timings()],
        now: now(),
      });
      await discardResults(results);
      clock.end("collect");
      return { facts: factsOf(invocation, prepared, results), manifest, created: true };
    } catch (error) {
      await abandonVersion(staged);
      throw error;
    } finally {
      await releaseResults(results);
    }
  }

  return {
    async explain(request, options = {}) {
      const prepared = await prepareRequest(request, options, settings, { end() {} });
      prepared.release();
      return explainedPlan(prepared, settings);
    },
    check: (request, options = {}) => checkRequest(request, options, settings),
    why: (request, options = {}) => explainChange(request, options, settings),
    invoke,
    stream,
    publish,
  };
}

/** A function that works across symbols gives its columns to a stage that sorts them: they are kept as they are. */
function givesColumns({ stages }: InvocationPlan, { forReaders = false }: PublishRequest): boolean {
  return forReaders && stages.at(-1)?.function != null;
}

function toSpooledResult(
  invocation: RunningInvocation,
  prepared: PreparedPlan,
  results: readonly PartitionResult[],
): SpooledResult {
  const { plan } = prepared;
  return {
    facts: factsOf(invocation, prepared, results),
    schema: resultSchema(plan),
    symbols: resultSymbols(plan),
    parts: results.flatMap(partOf),
    release: () => releaseResults(results),
  };
}

function partOf({ outDir, reply }: PartitionResult): ResultPart[] {
  const [file] = reply.files;
  return file === undefined ? [] : [{ path: join(outDir, file.file), batches: reply.batches }];
}

async function* partsInOrder(outputs: readonly Promise<PartitionResult>[]): AsyncGenerator<ResultPart> {
  for (const output of outputs) yield* partOf(await output);
}
