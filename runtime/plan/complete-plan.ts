import type { RowOrder } from "../../shared/protocol/row-set.ts";
import type { Limits } from "../process/limits.ts";
import type { DatasetRecord } from "../store/dataset.ts";
import type { BoundFunction } from "./bind-inputs.ts";
import type { InvocationPlan, PlannedPartition, PlannedStage } from "./invocation-plan.ts";
import { columnsOf, type PlanOutline } from "./outline-plan.ts";
import { partitionUnits, sliceUnits } from "./partition-units.ts";
import type { OpenRowSets, PlanInput } from "./plan-input.ts";
import type { StageOutline } from "./plan-stages.ts";
import { outputWindowOf } from "./plan-window.ts";
import { fingerprintOfPlan, resumeBasisOf } from "./resume-basis.ts";
import { lookBackOf, rowsOfStages, type StageRows } from "./rows-of-stages.ts";
import { inputRanges } from "./select-units.ts";

/** A second process is worth its start-up time from about this many rows. */
const PARTITION_ROWS_MIN = 150_000;
/** Bounds a child's output file and lets work start before everything is loaded. */
const PARTITION_ROWS_MAX = 3_000_000;

/** The second half of planning: decides rows, partitions and limits. */
export function completePlan(input: PlanInput, outline: PlanOutline, rowSets: OpenRowSets): InvocationPlan {
  const rows = rowsOfStages(input, outline, rowSets);
  const stages = outline.stages.map((stage, i) => {
    const units = inputRanges(rows[i]!.outputs, lookBackOf(stage));
    return completeStage(
      stage,
      { ...rows[i]!, partitions: partitionsOf(units, stage, input, outline) },
      input,
    );
  });
  return planOfStages(input, outline, rowSets, stages);
}

/** Assembles a plan from its decided stages. */
export function planOfStages(
  input: PlanInput,
  outline: PlanOutline,
  rowSets: OpenRowSets,
  stages: readonly PlannedStage[],
): InvocationPlan {
  const { bound, dataset } = input;
  const last = stages.at(-1)!;
  const orders: readonly RowOrder[] = ["symbol-time", "time-symbol"];
  return {
    function: bound.entry.name,
    kind: bound.entry.description.kind,
    dataset: dataset.name,
    datasetVersion: dataset.fingerprint,
    rowsOf: null,
    fingerprint: fingerprintOfPlan(input, outline),
    basis: resumeBasisOf(input, outline),
    asOf: input.asOf,
    symbols: input.symbols,
    from: input.from,
    to: input.to,
    outputWindow: outputWindowOf(input, last),
    tsType: rowSets.index(last.order).tsType,
    rowSets: outline.rowSets,
    stages,
    sourceFiles: dataset.files.map(({ path, byteLength, rowCount }) => ({ path, byteLength, rowCount })),
    missing: orders
      .filter((order) => outline.rowSets[order] !== undefined)
      .map((order) => ({ order, ...rowSets.missing(order, columnsOf(outline.stages, order)) })),
    resultSymbols: input.symbols ?? rowSets.index(last.order).symbols,
    symbolCount: new Set(last.partitions.flatMap((partition) => partition.units.symbol)).size,
    outputRowCount: last.partitions.reduce((sum, partition) => sum + partition.outputRowCount, 0),
  };
}

/** Describes what a stage runs, given its rows. */
export function completeStage(
  stage: StageOutline,
  rows: Pick<StageRows, "symbols" | "symbolRuns"> & Pick<PlannedStage, "partitions">,
  input: PlanInput,
): PlannedStage {
  const { bound, order, outputs, columns } = stage;
  const description = bound?.entry.description;
  // Units that are symbols are numbered as in the result; rows of other units name their symbols.
  const namesSymbols = description?.shape === "table" && description.partition !== "symbol";
  return {
    function: bound?.entry.name ?? null,
    module: bound?.entry.module ?? null,
    codeFingerprint: bound?.entry.codeFingerprint ?? null,
    shape: description?.shape ?? "feature",
    partition: description?.partition ?? (order === "time-symbol" ? "date" : "symbol"),
    params: bound?.resolved.params ?? {},
    outputs,
    lookBack: lookBackOf(stage),
    stateLength: bound?.resolved.stateLength ?? 0,
    order,
    columns,
    partitions: rows.partitions,
    symbols: rows.symbols,
    symbolRuns: rows.symbolRuns,
    resultSymbols: namesSymbols ? input.symbols : null,
    limits: limitsOf(bound, input.limits),
    concurrency: description?.limits.concurrency ?? null,
    reuse: description?.reuse ?? false,
    environment: description?.environment ?? [],
  };
}

/** Cuts units into partitions, one per process. */
export function partitionsOf(
  units: ReturnType<typeof inputRanges>,
  stage: StageOutline,
  input: PlanInput,
  outline: PlanOutline,
): PlannedPartition[] {
  // One process computes all results of dates or of the whole, because it also sorts them.
  const isOneProcess = stage.bound?.entry.description.shape === "table" && stage.order === "time-symbol";
  const runs = partitionUnits(units, {
    parallelism: isOneProcess ? 1 : input.parallelism,
    rowCountMin: PARTITION_ROWS_MIN,
    rowCountMax: isOneProcess ? Number.MAX_SAFE_INTEGER : PARTITION_ROWS_MAX,
    fileEnds: outline.rowSets[stage.order]?.symbols === null ? fileEndsOf(input.dataset) : [],
  });
  return runs.map((run) => sliceUnits(units, run));
}

function fileEndsOf(dataset: DatasetRecord): number[] {
  if (dataset.layout !== "ordered") return [];
  let end = 0;
  return dataset.files.map((file) => (end += file.rowCount));
}

function limitsOf(bound: BoundFunction | null, defaults: Limits): Limits {
  const declared = bound?.entry.description.limits ?? {};
  const MiB = 1024 * 1024;
  return {
    wallTimeMs: declared.wallTimeMs ?? defaults.wallTimeMs,
    memoryBytes: declared.memoryMiB === undefined ? defaults.memoryBytes : declared.memoryMiB * MiB,
    outputBytes: declared.outputMiB === undefined ? defaults.outputBytes : declared.outputMiB * MiB,
    logBytes: defaults.logBytes,
  };
}
