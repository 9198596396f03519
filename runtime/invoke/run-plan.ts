import { randomUUID } from "node:crypto";
import type { Clock } from "../../shared/contract/definition.ts";
import type {
  ColumnBinding,
  RunMessage,
  RunReply,
  Sink,
  UnitRanges,
} from "../../shared/protocol/child-message.ts";
import type { ColumnPart, ColumnRequest, LoadedColumn, RowOrder } from "../../shared/protocol/row-set.ts";
import { columnFileName } from "../child/sinks/columns-sink.ts";
import type { RowSetHandle } from "../load/row-sets.ts";
import type { PartitionKey } from "../results/partition-key.ts";
import type { ResultStore } from "../results/result-store.ts";
import type { InvocationPlan, PlannedPartition, PlannedStage } from "../plan/invocation-plan.ts";
import { createSlots } from "./create-slots.ts";
import { readersOfCopies, readsOf, rowsOf } from "./partition-reads.ts";
import { nameParameter } from "./name-parameter.ts";
import type { PlanProgress } from "./plan-progress.ts";
import { timeColumn } from "./read-times.ts";
import type { FunctionRun, RunFunction } from "./run-function.ts";

/** A finished partition: its reply and the folder of its files, which stay until they are released. */
export interface PartitionResult {
  readonly units: UnitRanges;
  readonly reply: RunReply;
  readonly outDir: string;
  readonly peakMemoryBytes: number;
  readonly logTail: string;
  /** Whether it was there from before, so that nothing ran. */
  readonly found: boolean;
  release(): Promise<void>;
  /** Releases and forgets it. */
  discard(): Promise<void>;
}

/** Where results of partitions are looked for and kept. */
export interface PlanResults {
  readonly store: ResultStore;
  readonly keyOf: PartitionKey;
  /** Compute although the result is there. */
  readonly bypass: boolean;
  /** Keep results beyond the life of this process, so that a run that is cut short goes on from them. */
  readonly durable: boolean;
}

export interface RunPlanOptions {
  readonly handles: Readonly<Partial<Record<RowOrder, RowSetHandle>>>;
  readonly clock: Clock;
  /** What the last stage writes. */
  readonly sink: (partition: number) => Sink;
  readonly runFunction: RunFunction;
  readonly results: PlanResults;
  /** Values of environment variables that a function declares. */
  readonly environmentOf: (names: readonly string[]) => Readonly<Record<string, string>>;
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
      loadColumns(stage, partition, plan, options, abort.signal).catch((error: unknown) => {
        throw nameParameter(error, stage, plan);
      }),
      readStages(stage, partition, plan, resultOf),
    ]);
    const message = runMessage(plan, stage, partition, loaded, sources, options, { sink });
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

interface LoadedInputs {
  readonly ts: LoadedColumn;
  readonly symbolCodes: LoadedColumn | null;
  readonly columns: ReadonlyMap<string, LoadedColumn>;
}

/** The rows of this partition of every column it reads from the row set, loaded together with their times. */
async function loadColumns(
  stage: PlannedStage,
  partition: PlannedPartition,
  plan: InvocationPlan,
  { handles }: RunPlanOptions,
  signal: AbortSignal,
): Promise<LoadedInputs> {
  const handle = handleOf(handles, stage.order);
  const own = stage.columns.flatMap((column) => (column.from === "row-set" ? [column.request] : []));
  const keys: ColumnRequest[] = [timeColumn(plan.tsType)];
  if (stage.order === "time-symbol") keys.push(SYMBOL_CODES);
  const rows = rowsOf(partition.units);
  const [ts, ...rest] = await handle.load([...keys, ...own], { signal, rows });
  const symbolCodes = stage.order === "time-symbol" ? rest.shift()! : null;
  return {
    ts: ts!,
    symbolCodes,
    columns: new Map(own.map((request, i) => [JSON.stringify(request), rest[i]!])),
  };
}

const SYMBOL_CODES: ColumnRequest = {
  name: "symbol",
  type: "int32",
  nullable: false,
  source: { kind: "own" },
};

/** What this partition reads of earlier stages, by their places in the plan. */
async function readStages(
  stage: PlannedStage,
  partition: PlannedPartition,
  plan: InvocationPlan,
  resultOf: (stage: number, partition: number) => Promise<PartitionResult>,
): Promise<ReadonlyMap<number, readonly StageFiles[]>> {
  const reads = readsOf(stage, partition, plan);
  const results = await Promise.all(reads.map((read) => resultOf(read.stage, read.partition)));
  const files = new Map<number, StageFiles[]>();
  for (const [i, read] of reads.entries()) {
    const { outDir, units } = results[i]!;
    const ofStage = files.get(read.stage) ?? [];
    ofStage.push({ outDir, runs: runsOfOutputs(units) });
    files.set(read.stage, ofStage);
  }
  return files;
}

function runMessage(
  plan: InvocationPlan,
  stage: PlannedStage,
  partition: PlannedPartition,
  loaded: LoadedInputs,
  sources: ReadonlyMap<number, readonly StageFiles[]>,
  options: RunPlanOptions,
  { sink }: { readonly sink: Sink },
): RunMessage {
  const { index } = handleOf(options.handles, stage.order);
  const columns = stage.columns.map((column): ColumnBinding => {
    const { name, type, nullable } = column.column;
    const shared = { input: column.input, column: name, type, nullable };
    if (column.from === "stage") {
      return { ...shared, parts: stageParts(name, sources.get(column.stage) ?? []), labels: null };
    }
    const source = loaded.columns.get(JSON.stringify(column.request));
    if (source === undefined) throw new Error(`Column ${column.input}.${name} was planned and not loaded`);
    return { ...shared, parts: source.parts, labels: source.labels };
  });
  return {
    type: "run",
    module: stage.module,
    shape: stage.shape,
    partition: stage.partition,
    params: stage.params,
    tsType: plan.tsType,
    symbols: stage.symbols ?? index.symbols,
    ts: loaded.ts.parts,
    symbolCodes: loaded.symbolCodes?.parts ?? null,
    symbolRuns: stage.symbolRuns,
    columns,
    units: partition.units,
    outputs: stage.outputs,
    stateLength: stage.stateLength,
    clock: options.clock,
    outputWindow: plan.outputWindow,
    resultSymbols: stage.resultSymbols,
    environment: options.environmentOf(stage.environment),
    outFolder: stage.reuse ? randomUUID() : null,
    sink,
  };
}

/** What an earlier partition wrote: the rows of its column files, as runs of neighbouring units. */
interface StageFiles {
  readonly outDir: string;
  readonly runs: readonly Required<Omit<ColumnPart, "path">>[];
}

function runsOfOutputs(units: UnitRanges): StageFiles["runs"] {
  const { firstRow: inputFirst, skip, outputRowCount } = units;
  const runs: Required<Omit<ColumnPart, "path">>[] = [];
  let fileRow = 0;
  let start = 0;
  let end = 0;
  // Units can be a hundred thousand moments: plain numbers, and one object a run.
  for (let unit = 0; unit < inputFirst.length; unit++) {
    const firstRow = inputFirst[unit]! + skip[unit]!;
    if (firstRow !== end && end > start) {
      runs.push({ firstRow: start, rowCount: end - start, fileRow });
      fileRow += end - start;
    }
    if (firstRow !== end) start = firstRow;
    end = firstRow + outputRowCount[unit]!;
  }
  if (end > start) runs.push({ firstRow: start, rowCount: end - start, fileRow });
  return runs;
}

function stageParts(output: string, files: readonly StageFiles[]): ColumnPart[] {
  return files.flatMap(({ outDir, runs }) =>
    runs.map((run) => ({ ...run, path: `${outDir}/${columnFileName(output)}` })),
  );
}

function handleOf(handles: RunPlanOptions["handles"], order: RowOrder): RowSetHandle {
  const handle = handles[order];
  if (handle === undefined) throw new Error(`No ${order} row set is open: the plan is wrong`);
  return handle;
}

/** What was planned is what every later stage, and the result's length, goes by. */
function refuseOtherRowCount(stage: PlannedStage, partition: PlannedPartition, rowCount: number): void {
  if (stage.shape === "table" || rowCount === partition.outputRowCount) return;
  throw new Error(
    `A partition of ${stage.function ?? "gather"} gave ${rowCount} rows, planned were ${partition.outputRowCount}`,
  );
}
