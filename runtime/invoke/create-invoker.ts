import { randomBytes } from "node:crypto";
import { rm } from "node:fs/promises";
import { join } from "node:path";
import { errorCodeOf, QuiverError } from "../../shared/errors/index.ts";
import type { Sink } from "../../shared/protocol/child-message.ts";
import {
  abandonVersion,
  checkFeatureSet,
  commitVersion,
  findVersion,
  type PublishTarget,
  stagePart,
  stageVersion,
} from "../collect/publish-version.ts";
import type { InvocationPlan, PlannedStage } from "../plan/invocation-plan.ts";
import type { Pool, ReusableChild } from "../process/child-handle.ts";
import type { InvocationRecord } from "../store/control-database.ts";
import { clockOf } from "./clock-of.ts";
import type {
  InvocationFacts,
  InvocationRequest,
  InvokeOptions,
  Invoker,
  PublishRequest,
  PublishResult,
  ResultField,
  SpooledResult,
} from "./invocation.ts";
import { createKeyedLock } from "./keyed-lock.ts";
import { lineageOf } from "./lineage-of.ts";
import { type PreparedPlan, preparePlan, type PrepareSettings } from "./prepare-plan.ts";
import { createRunFunction } from "./run-function.ts";
import { type PartitionResult, runPlan } from "./run-plan.ts";
import { StageClock } from "./stage-clock.ts";

export interface InvokerSettings extends PrepareSettings {
  readonly dataDir: string;
  readonly outRoot: string;
  readonly stagesDir: string;
  readonly pool: Pool;
  readonly reusable: (stage: PlannedStage) => ReusableChild;
  /** Notes how an invocation ended; must not throw. */
  readonly record: (record: InvocationRecord) => void;
  readonly now?: () => Date;
}

const DEFAULT_CODEC = { codec: "zstd", level: 1 } as const;

/** The one way functions are run: resolve, plan, load, run, collect, record. */
export function createInvoker(settings: InvokerSettings): Invoker {
  const { now = () => new Date() } = settings;
  const publishing = createKeyedLock();

  async function invoke(request: InvocationRequest, options: InvokeOptions = {}): Promise<SpooledResult> {
    return recorded("invoke", request, options, async (invocation) => {
      const { prepared, results } = await execute(invocation, request, options, () => ({
        kind: "arrow",
        file: "result.arrow",
      }));
      const facts = invocation.facts(prepared, results);
      prepared.release();
      return { value: toSpooledResult(facts, prepared.plan, results), facts };
    });
  }

  async function publish(request: PublishRequest, options: InvokeOptions = {}): Promise<PublishResult> {
    return recorded("publish", request, options, async (invocation) => {
      const prepared = await preparePlan(request, settings, invocation.clock, options.signal);
      const { plan } = prepared;
      try {
        refuseUnkeyed(plan);
        const target = {
          dataDir: settings.dataDir,
          dataset: plan.dataset,
          name: request.as ?? plan.function,
          kind: plan.kind,
        };
        return await publishing.run(`${target.dataset}/${target.name}`, () =>
          publishPlan(target, prepared, invocation, request, options),
        );
      } finally {
        prepared.release();
      }
    });
  }

  async function publishPlan(
    target: PublishTarget,
    prepared: PreparedPlan,
    invocation: Invocation,
    request: PublishRequest,
    options: InvokeOptions,
  ): Promise<{ value: PublishResult; facts: InvocationFacts }> {
    const { plan } = prepared;
    const lineage = lineageOf(plan, settings.runtime);
    checkFeatureSet(target, lineage, request.replace ?? false);
    const existing = findVersion(target, plan.fingerprint);
    if (existing !== undefined) {
      const facts = invocation.facts(prepared, []);
      return { value: { facts, manifest: existing, created: false }, facts };
    }
    const staged = stageVersion(target, invocation.id);
    let results: readonly PartitionResult[] = [];
    try {
      const codec = request.codec ?? DEFAULT_CODEC.codec;
      const level = request.compressionLevel ?? DEFAULT_CODEC.level;
      ({ results } = await execute(
        invocation,
        request,
        options,
        () => ({ kind: "parquet", file: "part.parquet", codec, level }),
        prepared,
      ));
      const staging = results.map((result, i) => stagePart(staged, i, result, symbolsOf(plan)));
      const parts = (await Promise.all(staging)).filter((part) => part !== undefined);
      const manifest = commitVersion(
        staged,
        target,
        plan,
        results,
        parts,
        lineage,
        invocation.clock.timings(),
        now(),
      );
      invocation.clock.end("collect");
      const facts = invocation.facts(prepared, results);
      return { value: { facts, manifest, created: true }, facts };
    } catch (error) {
      abandonVersion(staged);
      throw error;
    } finally {
      await removeAll(results);
    }
  }

  async function execute(
    invocation: Invocation,
    request: InvocationRequest,
    options: InvokeOptions,
    sink: (partition: number) => Sink,
    given?: PreparedPlan,
  ): Promise<{ prepared: PreparedPlan; results: readonly PartitionResult[] }> {
    const { signal, priority, onLog } = options;
    const prepared = given ?? (await preparePlan(request, settings, invocation.clock, signal));
    const { plan, handles, dataset } = prepared;
    const finished: PartitionResult[] = [];
    const total = plan.stages.reduce((sum, stage) => sum + stage.partitions.length, 0);
    try {
      const results = await runPlan(plan, {
        handles,
        clock: clockOf(dataset.record),
        sink,
        parallelism: settings.parallelism,
        signal: signal ?? new AbortController().signal,
        runFunction: createRunFunction({
          pool: settings.pool,
          reusable: settings.reusable,
          outRoot: settings.outRoot,
          stagesDir: settings.stagesDir,
          ...(priority === undefined ? {} : { priority }),
          ...(onLog === undefined ? {} : { onLog }),
        }),
        onPartition(stage, result) {
          finished.push(result);
          options.onProgress?.({
            stage: stage.function ?? "gather",
            partitionsDone: finished.length,
            partitionCount: total,
            rowsDone: finished.reduce((sum, { reply }) => sum + reply.rowCount, 0),
            rowCount: plan.outputRowCount,
          });
        },
      });
      invocation.clock.end("run");
      // What upstream stages wrote has been read.
      await removeAll(finished.filter((result) => !results.includes(result)));
      return { prepared, results };
    } catch (error) {
      await removeAll(finished);
      if (given === undefined) prepared.release();
      throw error;
    }
  }

  async function recorded<T>(
    kind: "invoke" | "publish",
    request: InvocationRequest,
    options: InvokeOptions,
    work: (invocation: Invocation) => Promise<{ value: T; facts: InvocationFacts }>,
  ): Promise<T> {
    const startedAt = now();
    const since = performance.now();
    const invocation = new Invocation();
    const shared = {
      id: invocation.id,
      function: request.function,
      dataset: request.dataset ?? null,
      kind,
      startedAt: startedAt.toISOString(),
      request,
    };
    try {
      const { value, facts } = await work(invocation);
      const { rowCount, bytesRead, peakMemoryBytes, fingerprint, timings, logTail } = facts;
      const durationMs = performance.now() - since;
      settings.record({
        ...shared,
        outcome: "ok",
        message: null,
        durationMs,
        rowCount,
        bytesRead,
        peakMemoryBytes,
        fingerprint,
        timings,
        logTail,
      });
      return value;
    } catch (error) {
      settings.record({
        ...shared,
        outcome: errorCodeOf(error) ?? "internal-error",
        message: error instanceof Error ? error.message : String(error),
        durationMs: performance.now() - since,
        rowCount: 0,
        bytesRead: 0,
        peakMemoryBytes: 0,
        fingerprint: null,
        timings: invocation.clock.timings(),
        logTail: logTailOf(error),
      });
      throw options.signal?.aborted === true && errorCodeOf(error) === undefined
        ? cancelled(request, error)
        : error;
    }
  }

  return {
    async explain(request, options = {}) {
      const prepared = await preparePlan(request, settings, new StageClock(), options.signal);
      prepared.release();
      return prepared.plan;
    },
    invoke,
    publish,
  };
}

/** One invocation while it runs: its id and its clock. */
class Invocation {
  readonly id = `${Date.now().toString(36)}-${randomBytes(6).toString("hex")}`;
  readonly clock = new StageClock();

  facts({ plan, handles }: PreparedPlan, results: readonly PartitionResult[]): InvocationFacts {
    const statistics = Object.values(handles).map((handle) => handle.statistics());
    const loadMs = statistics.reduce((sum, { milliseconds }) => sum + milliseconds, 0);
    if (loadMs > 0) this.clock.add("load", loadMs);
    const warnings = new Map<string, number>();
    for (const { reply } of results) {
      for (const { message, count } of reply.warnings)
        warnings.set(message, (warnings.get(message) ?? 0) + count);
    }
    return {
      id: this.id,
      fingerprint: plan.fingerprint,
      rowCount: results.reduce((sum, { reply }) => sum + reply.rowCount, 0),
      timings: this.clock.timings(),
      warnings: Array.from(warnings, ([message, count]) => ({ message, count })),
      peakMemoryBytes: results.reduce((peak, result) => Math.max(peak, result.peakMemoryBytes), 0),
      logTail: results.map((result) => result.logTail).join(""),
      bytesRead: statistics.reduce((sum, { bytesRead }) => sum + bytesRead, 0),
    };
  }
}

function toSpooledResult(
  facts: InvocationFacts,
  plan: InvocationPlan,
  results: readonly PartitionResult[],
): SpooledResult {
  return {
    facts,
    schema: schemaOf(plan),
    symbols: symbolsOf(plan),
    parts: results.flatMap(({ outDir, reply }) => {
      const [file] = reply.files;
      return file === undefined ? [] : [{ path: join(outDir, file.file), batches: reply.batches }];
    }),
    release: () => removeAll(results),
  };
}

/** `symbol` and `ts`, then the outputs; an unkeyed table has its own columns only. */
export function schemaOf(plan: InvocationPlan): ResultField[] {
  const last = plan.stages.at(-1)!;
  const fields = last.outputs.map((output): ResultField => ({
    ...output,
    nullable: true,
    dictionary: false,
  }));
  const ownTs = fields.find((field) => field.name === "ts");
  if (last.shape === "table" && ownTs === undefined) return fields;
  const key = { nullable: false, unit: "none" } as const;
  return [
    { name: "symbol", type: "utf8", ...key, dictionary: true },
    { name: "ts", type: ownTs?.type ?? plan.tsType, ...key, dictionary: false },
    ...fields.filter((field) => last.shape === "feature" || (field.name !== "ts" && field.name !== "symbol")),
  ];
}

function symbolsOf(plan: InvocationPlan): readonly string[] {
  return schemaOf(plan).some((field) => field.dictionary) ? plan.resultSymbols : [];
}

function refuseUnkeyed(plan: InvocationPlan): void {
  if (schemaOf(plan).some((field) => field.dictionary)) return;
  throw new QuiverError(
    "not-publishable",
    `Cannot publish ${JSON.stringify(plan.function)}: its table has no column "ts", and what is published needs a key and ` +
      "an event time. Declare an output `ts`, or invoke the function instead.",
    { function: plan.function },
  );
}

async function removeAll(results: readonly PartitionResult[]): Promise<void> {
  await Promise.all(results.map(({ outDir }) => rm(outDir, { recursive: true, force: true })));
}

function logTailOf(error: unknown): string {
  const facts = error instanceof QuiverError ? error.facts["logTail"] : undefined;
  return typeof facts === "string" ? facts : "";
}

function cancelled(request: InvocationRequest, cause: unknown): QuiverError {
  return new QuiverError(
    "invocation-cancelled",
    `The invocation of ${JSON.stringify(request.function)} was cancelled.`,
    {},
    cause,
  );
}
