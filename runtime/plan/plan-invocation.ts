import { QuiverError } from "../../shared/errors/index.ts";
import type { ColumnRequest, RowOrder, RowSetIndex, RowSetKey } from "../../shared/protocol/row-set.ts";
import type { Clocks } from "../../shared/time/clocks.ts";
import { parseEventTime } from "../../shared/time/index.ts";
import type { CatalogEntry } from "../catalog/catalog.ts";
import type { Limits } from "../process/limits.ts";
import type { DatasetRecord } from "../store/dataset.ts";
import type { BoundFunction } from "./bind-inputs.ts";
import { fingerprintOf } from "./fingerprint.ts";
import type { InvocationPlan, PlannedPartition, PlannedStage } from "./invocation-plan.ts";
import { partitionUnits, sliceUnits } from "./partition-units.ts";
import { outlineStages, type StageOutline } from "./plan-stages.ts";
import {
  inputRanges,
  type OutputRanges,
  requiredOutputs,
  selectSymbolUnits,
  selectTimeUnits,
  type TimeOfRow,
  type Window,
} from "./select-units.ts";
import { indexOfSymbol } from "./select-symbols.ts";

/** What is known once the request's names were looked up. */
export interface PlanInput {
  readonly bound: BoundFunction;
  readonly dataset: DatasetRecord;
  /** Sorted; null for all. */
  readonly symbols: readonly string[] | null;
  readonly from: string | null;
  readonly to: string | null;
  readonly asOf: string | null;
  /** Last known time as the row set sees it (bitemporal datasets), else as a cut of event times. */
  readonly asOfMicros: number | null;
  readonly knownUntil: number | null;
  readonly limits: Limits;
  readonly parallelism: number;
  /** Versions that take part in the fingerprint. */
  readonly runtime: Readonly<Record<string, string>>;
  /** Values of the environment variables that a function declares: they take part too. */
  readonly environmentOf: (entry: CatalogEntry) => Readonly<Record<string, string>>;
}

/** The row sets that a plan's stages read, opened by whoever runs the plan. */
export interface OpenRowSets {
  index(order: RowOrder): RowSetIndex;
  /** Event times of the symbol-time row set; asked only for bounded windows. */
  timeOf: TimeOfRow;
  missing(
    order: RowOrder,
    columns: readonly ColumnRequest[],
  ): { index: boolean; columns: readonly ColumnRequest[] };
}

/** What must be opened before rows can be decided. */
export interface PlanOutline {
  readonly stages: readonly StageOutline[];
  readonly rowSets: Readonly<Partial<Record<RowOrder, RowSetKey>>>;
  readonly window: Window;
  readonly needsTimes: boolean;
}

/** A second process is worth its start from about this many rows on. */
const PARTITION_ROWS_MIN = 150_000;
/** Bounds a child's output file and lets work start before everything is loaded. */
const PARTITION_ROWS_MAX = 3_000_000;
/** More symbols than this are served from the whole row set. */
export const SCOPED_SYMBOLS_MAX = 64;

/** First half of planning: which stages, which row sets. `isLoaded` tells whether the whole row set is there. */
export function outlinePlan(
  input: PlanInput,
  isLoaded: (key: RowSetKey, columns: readonly ColumnRequest[]) => boolean,
): PlanOutline {
  const { bound, dataset, symbols } = input;
  const stages = outlineStages(bound);
  const whole = {
    dataset: dataset.name,
    version: dataset.fingerprint,
    asOfMicros: input.asOfMicros,
    symbols: null,
  };
  const orders = new Set(stages.map((stage) => stage.order));
  const { partition } = bound.entry.description;
  const rowSets: Partial<Record<RowOrder, RowSetKey>> = {};
  if (orders.has("time-symbol")) rowSets["time-symbol"] = { ...whole, order: "time-symbol" };
  if (orders.has("symbol-time")) {
    const key: RowSetKey = { ...whole, order: "symbol-time" };
    const mayScope = symbols !== null && !orders.has("time-symbol");
    const scope = mayScope && (partition === "whole" || symbols.length <= SCOPED_SYMBOLS_MAX);
    const columns = columnsOf(stages, "symbol-time");
    const useWhole = !scope || (partition !== "whole" && isLoaded(key, columns));
    rowSets["symbol-time"] = useWhole ? key : { ...key, symbols };
  }
  const window = windowOf(input, dataset);
  if (partition === "whole" && window.knownUntil !== null) {
    throw new QuiverError(
      "not-implemented",
      `Cannot run ${JSON.stringify(bound.entry.name)} as of ${JSON.stringify(input.asOf)}: a function over the whole ` +
        "selection can be cut by asOf only on datasets that have a known time.",
      { asOf: input.asOf },
    );
  }
  const isTable = bound.entry.description.shape === "table";
  const outputs = isTable ? { ...window, from: null, to: null } : window;
  const needsTimes =
    orders.has("symbol-time") &&
    (outputs.from !== null || outputs.to !== null || outputs.knownUntil !== null);
  return { stages, rowSets, window: outputs, needsTimes };
}

/** Second half: which rows, in which partitions, under which limits. */
export function completePlan(input: PlanInput, outline: PlanOutline, rowSets: OpenRowSets): InvocationPlan {
  const { bound, dataset } = input;
  const rows = rowsOfStages(input, outline, rowSets);
  const stages = outline.stages.map((stage, i) => planStage(stage, rows[i]!, input, outline));
  const last = stages.at(-1)!;
  const orders: readonly RowOrder[] = ["symbol-time", "time-symbol"];
  return {
    function: bound.entry.name,
    kind: bound.entry.description.kind,
    dataset: dataset.name,
    datasetVersion: dataset.fingerprint,
    rowsOf: null,
    fingerprint: fingerprintOfPlan(input, outline),
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

/** Every column that stages of an order read from its row set, each once; `ts` first. */
export function columnsOf(
  stages: readonly Pick<StageOutline, "order" | "columns">[],
  order: RowOrder,
): ColumnRequest[] {
  const requests = new Map<string, ColumnRequest>();
  const add = (request: ColumnRequest) => requests.set(JSON.stringify(request), request);
  for (const stage of stages) {
    if (stage.order !== order) continue;
    for (const column of stage.columns) if (column.from === "row-set") add(column.request);
  }
  return [...requests.values()];
}

function windowOf(input: PlanInput, dataset: DatasetRecord): Window {
  const clocks = clocksOf(dataset);
  const from = input.from === null ? null : parseEventTime(input.from, clocks, "from");
  const to = input.to === null ? null : parseEventTime(input.to, clocks, "to");
  refuseReversed(input, from, to);
  return { from, to, knownUntil: input.knownUntil };
}

function refuseReversed(input: PlanInput, from: number | null, to: number | null): void {
  if (from === null || to === null || from <= to) return;
  throw new QuiverError(
    "selection-invalid",
    `Cannot select from ${JSON.stringify(input.from)} to ${JSON.stringify(input.to)}: "from" is after "to". ` +
      '"from" is the first time wanted, "to" the first one no longer wanted.',
    { from: input.from, to: input.to },
  );
}

function clocksOf(dataset: DatasetRecord): Clocks {
  if (dataset.clocks !== null) return dataset.clocks;
  throw new QuiverError(
    "input-invalid",
    `Cannot run a function on the dataset ${JSON.stringify(dataset.name)}: it holds attributes without times. ` +
      "Name a dataset of bars.",
    { dataset: dataset.name, kind: dataset.kind },
  );
}

/** A keyed table is cut by its own `ts`, which may be of another type than its input's. */
function outputWindowOf(input: PlanInput, last: PlannedStage): InvocationPlan["outputWindow"] {
  const none = { from: null, to: null };
  if (last.shape === "feature" || (input.from === null && input.to === null)) return none;
  const ts = last.outputs.find((output) => output.name === "ts");
  if (ts === undefined) {
    throw new QuiverError(
      "selection-invalid",
      `Cannot cut the result of ${JSON.stringify(last.function)} by "from" or "to": it has no column "ts".`,
      { function: last.function },
    );
  }
  const own = clocksOf(input.dataset);
  const seconds = own.intervalSeconds === "1d" ? 86_400 : own.intervalSeconds;
  const clocks: Clocks = { ...own, intervalSeconds: ts.type === "date32" ? "1d" : seconds };
  return {
    from: input.from === null ? null : parseEventTime(input.from, clocks, "from"),
    to: input.to === null ? null : parseEventTime(input.to, clocks, "to"),
  };
}

/** The rows a stage outputs, and what its units' symbol numbers refer to (null: the row set's symbols). */
interface StageRows {
  readonly outputs: OutputRanges;
  readonly symbols: readonly string[] | null;
}

/** Rows each stage outputs: the last one what was asked for, the others what their readers need. */
function rowsOfStages(input: PlanInput, outline: PlanOutline, rowSets: OpenRowSets): StageRows[] {
  const { stages, window } = outline;
  const known: Window = { from: null, to: null, knownUntil: window.knownUntil };
  const rows: (StageRows | undefined)[] = stages.map(() => undefined);
  const lastIndex = stages.length - 1;
  for (let i = lastIndex; i >= 0; i--) {
    const stage = stages[i]!;
    const readers = stages
      .map((reader, index) => ({ reader, index }))
      .filter(({ reader }) => reader.sources.includes(i));
    const [only] = readers.length === 1 ? readers : [];
    if (i === lastIndex) {
      rows[i] = select(stage, input.symbols, window, rowSets);
    } else if (only !== undefined && only.reader.order === stage.order) {
      const { outputs, symbols } = rows[only.index]!;
      const needed = inputRanges(outputs, lookBackOf(only.reader));
      rows[i] = { outputs: requiredOutputs(outputs, needed), symbols };
    } else {
      // Read in the other order, or by several stages: whatever is known. Moments depend on nothing but themselves, so
      // where only the result is gathered from them, those within the window are enough.
      const isForResult = only?.index === lastIndex && stage.order === "time-symbol";
      rows[i] = select(stage, scopeOf(input, outline, stage), isForResult ? window : known, rowSets);
    }
  }
  return rows.filter((range) => range !== undefined);
}

/** A stage that feeds a cross-section computes all symbols; a selection narrows the result, not the universe. */
function scopeOf(input: PlanInput, outline: PlanOutline, stage: StageOutline): readonly string[] | null {
  return outline.rowSets["time-symbol"] !== undefined && stage.order === "symbol-time" ? null : input.symbols;
}

function select(
  stage: StageOutline,
  symbols: readonly string[] | null,
  window: Window,
  rowSets: OpenRowSets,
): StageRows {
  const index = rowSets.index(stage.order);
  if (stage.order === "time-symbol") return { outputs: selectTimeUnits(index, window), symbols: null };
  if (stage.bound?.entry.description.partition === "whole") {
    return { outputs: wholeUnit(index.rowCount), symbols: null };
  }
  const units = symbols?.map((symbol) => indexOfSymbol(index.symbols, symbol)) ?? null;
  return { outputs: selectSymbolUnits(index, units, window, rowSets.timeOf), symbols };
}

function wholeUnit(rowCount: number): OutputRanges {
  const first = rowCount === 0 ? [] : [0];
  const end = first.map(() => rowCount);
  return { symbol: first.map(() => -1), unitFirstRow: first, unitEndRow: end, firstRow: first, endRow: end };
}

function lookBackOf(stage: StageOutline): number | null {
  // Gathering reads the rows it outputs and no others; so does work on one moment.
  if (stage.bound === null || stage.order === "time-symbol") return 0;
  if (stage.bound.entry.description.shape === "table") return null;
  return stage.bound.resolved.lookBack;
}

function planStage(
  stage: StageOutline,
  rows: StageRows,
  input: PlanInput,
  outline: PlanOutline,
): PlannedStage {
  const { bound, order, outputs, columns } = stage;
  const description = bound?.entry.description;
  const units = inputRanges(rows.outputs, lookBackOf(stage));
  // Units that are symbols are numbered as the result is; rows of other units name their symbols.
  const namesSymbols = description?.shape === "table" && description.partition !== "symbol";
  return {
    function: bound?.entry.name ?? null,
    module: bound?.entry.module ?? null,
    codeFingerprint: bound?.entry.codeFingerprint ?? null,
    shape: description?.shape ?? "feature",
    partition: description?.partition ?? (order === "time-symbol" ? "date" : "symbol"),
    given: bound?.given ?? {},
    params: bound?.resolved.params ?? {},
    outputs,
    lookBack: lookBackOf(stage),
    stateLength: bound?.resolved.stateLength ?? 0,
    order,
    columns,
    partitions: partitionsOf(units, stage, input, outline),
    symbols: rows.symbols,
    resultSymbols: namesSymbols ? input.symbols : null,
    limits: limitsOf(bound, input.limits),
    concurrency: description?.limits.concurrency ?? null,
    reuse: description?.reuse ?? false,
    environment: description?.environment ?? [],
  };
}

function partitionsOf(
  units: ReturnType<typeof inputRanges>,
  stage: StageOutline,
  input: PlanInput,
  outline: PlanOutline,
): PlannedPartition[] {
  // Results of dates or of the whole are sorted by whoever computes them, so one process computes them all.
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

function fingerprintOfPlan(input: PlanInput, outline: PlanOutline): string {
  const stages = outline.stages.map(({ bound, columns, outputs }) => ({
    function: bound?.entry.name ?? null,
    code: bound?.entry.codeFingerprint ?? null,
    params: bound?.resolved.params ?? null,
    environment: bound === null ? null : fingerprintOf(input.environmentOf(bound.entry)),
    columns,
    outputs,
  }));
  const { dataset, symbols, from, to, asOfMicros, knownUntil, runtime } = input;
  return fingerprintOf({
    formatVersion: 1,
    stages,
    dataset: dataset.name,
    version: dataset.fingerprint,
    symbols,
    from,
    to,
    asOfMicros,
    knownUntil,
    runtime,
  });
}
