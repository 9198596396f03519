import type { ResultPart } from "../../shared/protocol/result.ts";
import { join } from "node:path";
import { createKeyedLock } from "../concurrency/keyed-lock.ts";
import { type PartitionResult, releaseResults } from "../results/partition-result.ts";
import type { InvocationRecord } from "../store/control-database.ts";
import { checkInvocation } from "./check-invocation.ts";
import { executePlan, startExecution } from "./execute-plan.ts";
import { explainChange } from "./explain-change.ts";
import { ARROW_SINK, explainedPlan } from "./explained-plan.ts";
import type { EarlyResult, InvokeOptions, Invoker, PublishResult, SpooledResult } from "./invocation.ts";
import type { InvocationRequest, PublishRequest } from "../../shared/protocol/invocation.ts";
import { type PreparedPlan, resolveRequest } from "./prepare-plan.ts";
import { prepareRequest, type PrepareRequestSettings } from "./prepare-request.ts";
import type { PublishContext } from "./publish-plan.ts";
import { publishResolved } from "./publish-resolved.ts";
import { factsOf, recordInvocation, type RunningInvocation } from "./record-invocation.ts";
import { resultSchema, resultSymbols } from "./result-schema.ts";
import type { RowSource } from "./row-source.ts";

export interface InvokerSettings extends PrepareRequestSettings {
  readonly dataDir: string;
  readonly functionsDir: string;
  /** Stores how an invocation ended. */
  readonly record: (record: InvocationRecord) => void;
  /** Opens rows that came with the call as a source of rows. */
  readonly openBody: OpenBody;
  /** Called when a function will run as soon as its rows are found, so that its process can start meanwhile. */
  readonly willRun: () => void;
  readonly now?: () => Date;
}

/** Makes a source of rows for the function's columns from an uploaded Arrow body. */
export type OpenBody = (
  request: InvocationRequest,
  options: InvokeOptions,
) => Promise<{ readonly rows: RowSource; release(): Promise<void> }>;

/** The only way to run functions: resolve, plan, load, run, collect, record. */
export function createInvoker(settings: InvokerSettings): Invoker {
  const { now = () => new Date() } = settings;
  const recording = { record: settings.record, now };
  const lock = createKeyedLock();
  const publishing: PublishContext = {
    settings,
    now,
    exclusively: (target, work) => lock.run(`${target.dataset}/${target.name}`, work),
  };

  async function invoke(request: InvocationRequest, options: InvokeOptions = {}): Promise<SpooledResult> {
    return recordInvocation("invoke", request, options, recording, (invocation) =>
      withPrepared(request, options, invocation, async (prepared) => {
        const results = await executePlan(prepared, ARROW_SINK, options, settings);
        invocation.stopwatch.end("run");
        return toSpooledResult(invocation, prepared, results);
      }),
    );
  }

  /** The invocation is recorded at its end; until then the answer comes from the promise of each partition. */
  async function stream(request: InvocationRequest, options: InvokeOptions = {}): Promise<EarlyResult> {
    const early = Promise.withResolvers<EarlyResult>();
    let results: readonly PartitionResult[] = [];
    const recorded = recordInvocation("invoke", request, options, recording, (invocation) =>
      withPrepared(request, options, invocation, async (prepared) => {
        const { plan } = prepared;
        const running = await startExecution(prepared, ARROW_SINK, options, settings);
        early.resolve({
          id: invocation.id,
          fingerprint: plan.fingerprint,
          schema: resultSchema(plan),
          symbols: resultSymbols(plan),
          parts: partsInOrder(running.outputs),
          release: async () => {
            // A failure is in the record and in the parts.
            await recorded.catch(() => undefined);
            await releaseResults(results);
          },
        });
        results = await running.ended;
        invocation.stopwatch.end("run");
        return { facts: factsOf(invocation, prepared, results) };
      }),
    );
    // Once the answer has begun, its reader sees a failure through the parts.
    recorded.catch(early.reject);
    return early.promise;
  }

  /** Prepares the plan of a request, has `use` run it, and closes what was opened for it. */
  async function withPrepared<T>(
    request: InvocationRequest,
    options: InvokeOptions,
    invocation: RunningInvocation,
    use: (prepared: PreparedPlan) => Promise<T>,
  ): Promise<T> {
    settings.willRun();
    const body = options.body === undefined ? undefined : await settings.openBody(request, options);
    try {
      const prepared = await prepareRequest(request, options, settings, invocation.stopwatch, body?.rows);
      invocation.dataset = prepared.plan.dataset;
      try {
        return await use(prepared);
      } finally {
        prepared.release();
      }
    } finally {
      await body?.release();
    }
  }

  async function publish(request: PublishRequest, options: InvokeOptions = {}): Promise<PublishResult> {
    return recordInvocation("publish", request, options, recording, async (invocation) => {
      const resolved = await resolveRequest(request, settings, options.signal);
      const { name, description } = resolved.bound.entry;
      const dataset = resolved.rows.record.name;
      invocation.dataset = dataset;
      const { dataDir } = settings;
      const target = { dataDir, dataset, name: request.as ?? name, kind: description.kind };
      return publishResolved({ request, options, resolved, target, invocation }, publishing);
    });
  }

  return {
    async explain(request, options = {}) {
      const prepared = await prepareRequest(request, options, settings, { end() {} });
      prepared.release();
      return explainedPlan(prepared, settings);
    },
    check: (request, options = {}) => checkInvocation(request, options, settings),
    why: (request, options = {}) => explainChange(request, options, settings),
    invoke,
    stream,
    publish,
  };
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
