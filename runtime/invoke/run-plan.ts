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

/** Where results of partitions are looked for and kept. */
export interface PlanResults {
  readonly store: ResultStore;
  readonly keyOf: PartitionKey;
  /** Compute although the result is there. */
  readonly bypass: boolean;
  /** Keep results beyond the life of this process, so that a run that is cut short goes on from them. */
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
  /** Told how far each partition is. */
  readonly progress?: PlanProgress;
}

/** How often at most a process says how far it is. */
const PROGRESS_MS = 500;

/** A plan being carried out. */
export interface RunningPlan {
  /** The last stage's partitions, in order, each as soon as it is done. */
  readonly outputs: readonly Promise<PartitionResult>[];
  /** All of them, once nothing runs any more; rejects with the first failure. */
  readonly ended: Promise<readonly PartitionResult[]>;
}

/**
 * Runs the last stage's partitions, and of earlier stages what those read, each as soon as what it reads is there. A
 * partition whose result is kept from before does not run, nor does what only it would have read. The first failure
 * aborts the rest and is what the caller gets.
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

  /** The result of one partition, begun when it is first wanted. */
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

  /** What was computed with columns besides, those being kept for who reads them; undefined where they were there. */
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
        throw nameParameter(error, stage, plan);
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
   * A copy in another order is as large as what it is of, and made again in a moment: nobody needs it once it is read. Kept
   * to the end, as results are, those of alpha101 were half of what it wrote, and the disk slowed down what was computed.
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

/** Its files are the same with columns besides and without. */
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
  // When the last stage has ended nothing more begins; what it gave up waiting for may still run.
  await Promise.allSettled(outputs);
  const settled = await Promise.allSettled(started.values());
  const failure = settled.find((result) => result.status === "rejected");
  if (failure === undefined) return Promise.all(outputs);
  // The reason of the abort is the first failure; the others are its consequence.
  throw signal.reason ?? failure.reason;
}

/** What this partition reads of earlier stages, by their places in the plan. */
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

/** What was planned is what every later stage, and the result's length, goes by. */
function refuseOtherRowCount(stage: PlannedStage, partition: PlannedPartition, rowCount: number): void {
  if (stage.shape === "table" || rowCount === partition.outputRowCount) return;
  throw new Error(
    `A partition of ${stage.function ?? "gather"} gave ${rowCount} rows, planned were ${partition.outputRowCount}`,
  );
}
