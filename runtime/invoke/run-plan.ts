import type { Sink } from "../../shared/protocol/child-message.ts";
import type { PartitionKey } from "../results/partition-key.ts";
import type { PartitionResult } from "../results/partition-result.ts";
import type { ResultStore } from "../results/result-store.ts";
import type { InvocationPlan, PlannedPartition, PlannedStage } from "../plan/invocation-plan.ts";
import { createSlots } from "../concurrency/create-slots.ts";
import {
  loadInputs,
  type MessageOptions,
  runMessage,
  type ColumnFiles,
  columnFilesOf,
} from "./run-message.ts";
import { readersOfCopies, readsOf } from "./partition-reads.ts";
import { nameParameter } from "./name-parameter.ts";
import type { PlanProgress } from "./plan-progress.ts";
import type { FunctionRun, RunFunction } from "./run-function.ts";

/** Where results of partitions are looked up and kept. */
export interface PlanResults {
  readonly store: ResultStore;
  readonly keyOf: PartitionKey;
  /** Compute even if the result exists. */
  readonly bypass: boolean;
  /** Store results beyond the life of this process, so that an interrupted run can continue from them. */
  readonly durable: boolean;
}

export interface RunPlanOptions extends MessageOptions {
  /** What the last stage writes. */
  readonly sink: (partition: number) => Sink;
  readonly runFunction: RunFunction;
  readonly results: PlanResults;
  readonly parallelism: number;
  readonly signal: AbortSignal;
  readonly onPartition?: (stage: PlannedStage, result: PartitionResult) => void;
  /** Receives the progress of each partition. */
  readonly progress?: PlanProgress;
}

/** The shortest interval between a process's progress reports. */
const PROGRESS_MS = 500;

/** A plan in progress. */
export interface RunningPlan {
  /** The last stage's partitions, in order; each resolves when it is finished. */
  readonly outputs: readonly Promise<PartitionResult>[];
  /** All of them, once nothing runs any more; rejects with the first failure. */
  readonly ended: Promise<readonly PartitionResult[]>;
}

/**
 * Runs the last stage's partitions and those of earlier stages that they read, each as soon as its inputs exist. A
 * partition with an existing result does not run, nor do partitions that only it would have read. The first failure
 * aborts the rest and is passed to the caller.
 */
export function startPlan(plan: InvocationPlan, options: RunPlanOptions): RunningPlan {
  const abort = new AbortController();
  const stop = () => abort.abort(options.signal.reason);
  options.signal.addEventListener("abort", stop, { once: true });
  if (options.signal.aborted) stop();
  const slots = createSlots({ count: options.parallelism });
  const started = new Map<PlannedPartition, Promise<PartitionResult>>();
  const readersLeft = readersOfCopies(plan);
  const lastStage = plan.stages.length - 1;

  /** The result of a partition, started at its first use. */
  function resultOf(stageIndex: number, partitionIndex: number): Promise<PartitionResult> {
    const partition = plan.stages[stageIndex]!.partitions[partitionIndex]!;
    const result = started.get(partition) ?? runPartition(stageIndex, partition, partitionIndex);
    started.set(partition, result);
    return result;
  }

  async function runPartition(
    stageIndex: number,
    partition: PlannedPartition,
    partitionIndex: number,
  ): Promise<PartitionResult> {
    const stage = plan.stages[stageIndex]!;
    const sink: Sink = stageIndex === lastStage ? options.sink(partitionIndex) : { kind: "columns" };
    const { store, keyOf, bypass, durable } = options.results;
    try {
      const plain = withoutColumns(sink);
      const key = keyOf(stageIndex, partition, plain);
      const work = async () => {
        const run = () => compute(stageIndex, partition, partitionIndex, sink);
        if (plain === sink) return run();
        const columnsKey = keyOf(stageIndex, partition, { kind: "columns" });
        return (await keepColumns(columnsKey, run)) ?? compute(stageIndex, partition, partitionIndex, plain);
      };
      const { held, found } = bypass
        ? { held: await store.keep(key, await work(), durable), found: false }
        : await store.computeOnce(key, work, durable, abort.signal);
      const result = { units: partition.units, ...held, found };
      options.onPartition?.(stage, result);
      options.progress?.ended(stageIndex, partitionIndex, found);
      refuseOtherRowCount(stage, partition, result.reply.rowCount);
      await discardCopies(stage, partition);
      return result;
    } catch (error) {
      abort.abort(error);
      throw error;
    }
  }

  /**
   * Computes a result together with column files, which are kept for their readers. Undefined if the column files
   * existed.
   */
  async function keepColumns(
    key: string,
    compute: () => Promise<FunctionRun>,
  ): Promise<FunctionRun | undefined> {
    const { store, bypass, durable } = options.results;
    let run: FunctionRun | undefined;
    const columns = async () => {
      run = await compute();
      if (run.columns === undefined) throw new Error("A process was asked for columns besides and gave none");
      return run.columns;
    };
    const held = bypass
      ? await store.keep(key, await columns(), durable)
      : (await store.computeOnce(key, columns, durable, abort.signal)).held;
    await held.release();
    return run;
  }

  async function compute(
    stageIndex: number,
    partition: PlannedPartition,
    partitionIndex: number,
    sink: Sink,
  ): Promise<FunctionRun> {
    abort.signal.throwIfAborted();
    const stage = plan.stages[stageIndex]!;
    const { progress } = options;
    const [loaded, sources] = await Promise.all([
      loadInputs(stage, partition, plan, options.handles, abort.signal).catch((error: unknown) => {
        throw nameParameter(error, { ...stage, isCallers: stage === plan.stages.at(-1) });
      }),
      readStages(stage, partition, plan, resultOf),
    ]);
    const message = runMessage(plan, stage, partition, { loaded, sources, sink }, options);
    if (progress === undefined)
      return slots.run(() => options.runFunction(stage, message, abort.signal), abort.signal);
    return slots.run(() => {
      progress.begun(stageIndex, partitionIndex);
      const asked = { ...message, progressMs: PROGRESS_MS };
      const advanced = (share: unknown) => progress.advanced(stageIndex, partitionIndex, share);
      return options.runFunction(stage, asked, abort.signal, advanced);
    }, abort.signal);
  }

  /**
   * A copy in another order is as large as its source and quickly made again, so it is discarded after its last
   * reader. When copies were kept to the end like results, those of alpha101 were half of all it wrote, and the
   * disk slowed the computation down.
   */
  async function discardCopies(stage: PlannedStage, partition: PlannedPartition): Promise<void> {
    for (const read of readsOf(stage, partition, plan)) {
      const copy = plan.stages[read.stage]!.partitions[read.partition]!;
      const left = (readersLeft.get(copy) ?? Infinity) - 1;
      readersLeft.set(copy, left);
      if (left === 0) await (await started.get(copy))?.discard();
    }
  }

  const outputs = plan.stages.at(-1)?.partitions.map((_, i) => resultOf(lastStage, i)) ?? [];
  const ended = endOf(started, outputs, abort.signal).finally(() =>
    options.signal.removeEventListener("abort", stop),
  );
  return { outputs, ended };
}

/** The Parquet files are the same with and without additional column files. */
function withoutColumns(sink: Sink): Sink {
  if (sink.kind !== "parquet" || sink.withColumns !== true) return sink;
  const { withColumns: _, ...plain } = sink;
  return plain;
}

async function endOf(
  started: ReadonlyMap<unknown, Promise<PartitionResult>>,
  outputs: readonly Promise<PartitionResult>[],
  signal: AbortSignal,
): Promise<readonly PartitionResult[]> {
  // Once the last stage has ended nothing new starts, but work that it stopped waiting for may still run.
  await Promise.allSettled(outputs);
  const settled = await Promise.allSettled(started.values());
  const failure = settled.find((result) => result.status === "rejected");
  if (failure === undefined) return Promise.all(outputs);
  // The abort reason is the first failure; the others follow from it.
  throw signal.reason ?? failure.reason;
}

/** The files of earlier stages that this partition reads, by stage index. */
async function readStages(
  stage: PlannedStage,
  partition: PlannedPartition,
  plan: InvocationPlan,
  resultOf: (stage: number, partition: number) => Promise<PartitionResult>,
): Promise<ReadonlyMap<number, readonly ColumnFiles[]>> {
  const reads = readsOf(stage, partition, plan);
  const results = await Promise.all(reads.map((read) => resultOf(read.stage, read.partition)));
  const files = new Map<number, ColumnFiles[]>();
  for (const [i, read] of reads.entries()) {
    const { outDir, units } = results[i]!;
    const ofStage = files.get(read.stage) ?? [];
    ofStage.push(columnFilesOf(outDir, units));
    files.set(read.stage, ofStage);
  }
  return files;
}

/** Later stages and the result's length rely on the planned number of rows. */
function refuseOtherRowCount(stage: PlannedStage, partition: PlannedPartition, rowCount: number): void {
  if (stage.shape === "table" || rowCount === partition.outputRowCount) return;
  throw new Error(
    `A partition of ${stage.function ?? "gather"} gave ${rowCount} rows, planned were ${partition.outputRowCount}`,
  );
}
