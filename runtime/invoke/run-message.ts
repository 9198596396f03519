import { randomUUID } from "node:crypto";
import type { Clock } from "../../shared/contract/definition.ts";
import type { ColumnBinding, RunMessage, Sink, UnitRanges } from "../../shared/protocol/child-message.ts";
import type { ColumnPart, ColumnRequest, LoadedColumn } from "../../shared/protocol/row-set.ts";
import { columnFileName } from "../../shared/protocol/column-file-name.ts";
import type { InvocationPlan, PlannedPartition, PlannedStage } from "../plan/invocation-plan.ts";
import { rowsOf } from "./partition-reads.ts";
import { timeColumn } from "./read-times.ts";
import { handleOf, type RowSetHandles } from "./row-set-handles.ts";

/** The columns of the row set that a partition reads. */
export interface LoadedInputs {
  readonly ts: LoadedColumn;
  readonly symbolCodes: LoadedColumn | null;
  readonly columns: ReadonlyMap<string, LoadedColumn>;
}

/** Loads this partition's rows of every column it reads from the row set, together with their times. */
export async function loadInputs(
  stage: PlannedStage,
  partition: PlannedPartition,
  plan: InvocationPlan,
  handles: RowSetHandles,
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

/** What a partition gets in addition to its plan. */
export interface PartitionGiven {
  readonly loaded: LoadedInputs;
  /** By stage, what its partitions wrote. */
  readonly sources: ReadonlyMap<number, readonly ColumnFiles[]>;
  readonly sink: Sink;
}

export interface MessageOptions {
  readonly handles: RowSetHandles;
  readonly clock: Clock;
  /** Values of the environment variables that a function declares. */
  readonly environmentOf: (names: readonly string[]) => Readonly<Record<string, string>>;
}

/** The message to a partition's process, with everything it needs, including the paths of files to map. */
export function runMessage(
  plan: InvocationPlan,
  stage: PlannedStage,
  partition: PlannedPartition,
  { loaded, sources, sink }: PartitionGiven,
  options: MessageOptions,
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

/** An earlier partition's column files: which rows they hold, as runs of neighbouring units. */
export interface ColumnFiles {
  readonly outDir: string;
  readonly runs: readonly Required<Omit<ColumnPart, "path">>[];
}

/** The column files of a partition that wrote its units' rows to a folder. */
export function columnFilesOf(outDir: string, units: UnitRanges): ColumnFiles {
  return { outDir, runs: runsOfOutputs(units) };
}

function runsOfOutputs(units: UnitRanges): ColumnFiles["runs"] {
  const { firstRow: inputFirst, skip, outputRowCount } = units;
  const runs: Required<Omit<ColumnPart, "path">>[] = [];
  let fileRow = 0;
  let start = 0;
  let end = 0;
  // There can be a hundred thousand units (moments), so this uses plain numbers and one object per run.
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

function stageParts(output: string, files: readonly ColumnFiles[]): ColumnPart[] {
  return files.flatMap(({ outDir, runs }) =>
    runs.map((run) => ({ ...run, path: `${outDir}/${columnFileName(output)}` })),
  );
}
