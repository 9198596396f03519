import { QuiverError } from "../../shared/errors/index.ts";
import type { LoadedColumn, RowSetIndex } from "../../shared/protocol/row-set.ts";
import { columnFileName } from "../child/sinks/columns-sink.ts";
import type { BoundColumn, BoundFunction } from "../plan/bind-inputs.ts";
import type { DatasetRecord } from "../store/dataset.ts";
import { executePlan, type ExecuteSettings, removeResults } from "./execute-plan.ts";
import type { InvocationRequest, InvokeOptions } from "./invocation.ts";
import {
  type PreparedPlan,
  preparePlan,
  type PrepareSettings,
  type ResolvedRequest,
  resolveRequest,
} from "./prepare-plan.ts";
import { resultSchema, resultSymbols } from "./result-schema.ts";
import { givenRows, type GivenRows, type RowSource } from "./row-source.ts";
import type { PartitionResult } from "./run-plan.ts";
import type { StageClock } from "./stage-clock.ts";

export type PrepareRequestSettings = PrepareSettings & ExecuteSettings;

/**
 * Resolves and plans a request. Where its rows are those of a table function, that function is run first: its
 * result, mapped from the spool, is what the plan reads. `given` are rows that a caller sent along.
 */
export async function prepareRequest(
  request: InvocationRequest,
  options: InvokeOptions,
  settings: PrepareRequestSettings,
  clock: Pick<StageClock, "end">,
  given?: RowSource,
): Promise<PreparedPlan> {
  const resolved = await resolveRequest(request, settings, options.signal, given);
  clock.end("resolve");
  refuseTablesBesideRows(resolved.bound);
  const upstream = tableOfRows(resolved.bound);
  if (upstream === undefined) {
    const prepared = await preparePlan(request, resolved, settings, options.signal);
    clock.end("plan");
    return prepared;
  }
  refuseWithoutTimes(upstream);
  refuseOtherRows(resolved.bound, upstream);
  const derived = await runTable(request, resolved, upstream, options, settings, given);
  clock.end("upstream");
  try {
    const onRows: ResolvedRequest = {
      ...resolved,
      bound: bindToRows(resolved.bound, upstream),
      rows: derived.rows,
    };
    const prepared = await preparePlan(request, onRows, settings, options.signal);
    clock.end("plan");
    const release = () => {
      prepared.release();
      void removeResults(derived.results);
    };
    return { ...prepared, plan: { ...prepared.plan, rowsOf: upstream.entry.name }, release };
  } catch (error) {
    await removeResults(derived.results);
    throw error;
  }
}

/** The table function whose result decides the rows: the first input's, if it is one. */
function tableOfRows(bound: BoundFunction): BoundFunction | undefined {
  const [first] = bound.columns;
  if (first?.from !== "function") return undefined;
  const upstream = bound.upstream[first.upstream];
  return upstream?.entry.description.shape === "table" ? upstream : undefined;
}

function refuseWithoutTimes({ entry, resolved }: BoundFunction): void {
  if (resolved.outputs.some((output) => output.name === "ts")) return;
  throw new QuiverError(
    "input-invalid",
    `Cannot use the table function ${JSON.stringify(entry.name)} as an input: it has no column "ts".`,
    { function: entry.name },
  );
}

function refuseTablesBesideRows(bound: BoundFunction): void {
  const first = bound.columns[0]?.input;
  for (const column of bound.columns) {
    if (column.from !== "function" || column.input === first) continue;
    const { entry } = bound.upstream[column.upstream]!;
    if (entry.description.shape === "feature") continue;
    throw new QuiverError(
      "input-invalid",
      `Cannot bind the input ${JSON.stringify(column.input)} of ${JSON.stringify(bound.entry.name)} to the table function ` +
        `${JSON.stringify(entry.name)}: its rows are its own, so it can only be the first input, which decides the rows.`,
      { function: bound.entry.name, input: column.input, upstream: entry.name },
    );
  }
}

/** Columns of the dataset that the table was made from do not stand beside the table's rows. */
function refuseOtherRows(bound: BoundFunction, table: BoundFunction): void {
  const [first] = bound.columns;
  const other = bound.columns.find((column) => column.from === "dataset");
  if (other === undefined || first === undefined) return;
  throw new QuiverError(
    "input-invalid",
    `Cannot run ${JSON.stringify(bound.entry.name)}: its input ${JSON.stringify(first.input)} is the table function ` +
      `${JSON.stringify(table.entry.name)}, whose rows are its own, and its input ${JSON.stringify(other.input)} reads ` +
      "a dataset, which cannot be matched to them. Publish the table, import it, and match the datasets.",
    { function: bound.entry.name, input: other.input, upstream: table.entry.name },
  );
}

async function runTable(
  request: InvocationRequest,
  resolved: ResolvedRequest,
  upstream: BoundFunction,
  options: InvokeOptions,
  settings: PrepareRequestSettings,
  given: RowSource | undefined,
): Promise<{ rows: RowSource; results: readonly PartitionResult[] }> {
  const { record } = resolved.rows;
  const inner: InvocationRequest = {
    function: upstream.entry.name,
    dataset: record.name,
    params: upstream.given,
    ...(resolved.symbols === null ? {} : { symbols: resolved.symbols }),
    ...(request.asOf === undefined ? {} : { asOf: request.asOf }),
  };
  // Progress and time of the inner run are the outer one's `upstream`.
  const { onProgress: _, ...silent } = options;
  const prepared = await prepareRequest(inner, silent, settings, { end() {} }, given);
  try {
    const results = await executePlan(prepared, { kind: "columns" }, silent, settings);
    return { rows: givenRows(rowsOfTable(prepared, results, record)), results };
  } finally {
    prepared.release();
  }
}

/** A table's partitions as one row set: its own times and symbols, its columns in the files they were written to. */
function rowsOfTable(
  { plan }: PreparedPlan,
  results: readonly PartitionResult[],
  record: DatasetRecord,
): GivenRows {
  const [, ts, ...all] = resultSchema(plan);
  if (ts === undefined || (ts.type !== "date32" && ts.type !== "timestamp")) {
    throw new Error("A table without times was admitted as an input");
  }
  const outputs = all.filter(({ type }) => type !== "utf8");
  const symbols = resultSymbols(plan);
  const rowCounts = symbols.map(() => 0);
  for (const { reply } of results) {
    reply.symbolRows?.symbols.forEach((symbol, i) => {
      rowCounts[symbol] = reply.symbolRows?.rowCounts[i] ?? 0;
    });
  }
  const firstRows = [0];
  for (const rows of rowCounts) firstRows.push(firstRows.at(-1)! + rows);
  const index: RowSetIndex = {
    order: "symbol-time",
    tsType: ts.type,
    rowCount: firstRows.at(-1)!,
    symbols,
    firstRows,
    unitTimes: [],
  };
  const columns = [ts, ...outputs].map((field) => loadedColumn(field, results));
  const derived: DatasetRecord = {
    ...record,
    fingerprint: plan.fingerprint,
    layout: "overlapping",
    files: [],
    columns: [ts, ...outputs].map(({ name, type }) => ({ name, type, nullable: true })),
    clocks:
      record.clocks === null || ts.type === "timestamp"
        ? record.clocks
        : { ...record.clocks, intervalSeconds: "1d" },
    firstTs: inUnitOf(ts.type, plan.tsType, record.firstTs),
    lastTs: inUnitOf(ts.type, plan.tsType, record.lastTs),
  };
  return { record: derived, index, columns };
}

function loadedColumn(
  field: { readonly name: string; readonly type: LoadedColumn["request"]["type"] },
  results: readonly PartitionResult[],
): LoadedColumn {
  let firstRow = 0;
  const parts = results.flatMap(({ outDir, reply }) => {
    const part = { path: `${outDir}/${columnFileName(field.name)}`, firstRow, rowCount: reply.rowCount };
    firstRow += reply.rowCount;
    return reply.rowCount === 0 ? [] : [part];
  });
  const { name, type } = field;
  return { request: { name, type, nullable: true, source: { kind: "own" } }, parts, labels: null };
}

function inUnitOf(
  to: "date32" | "timestamp",
  from: "date32" | "timestamp",
  time: number | null,
): number | null {
  if (time === null || to === from) return time;
  return to === "date32" ? Math.floor(time / 86_400_000_000) : time * 86_400_000_000;
}

/** The function with the columns of its first input read from the rows themselves, and no longer upstream of it. */
function bindToRows(bound: BoundFunction, table: BoundFunction): BoundFunction {
  const removed = bound.upstream.indexOf(table);
  const columns = bound.columns.map((column): BoundColumn => {
    if (column.from !== "function") return column;
    const { input, upstream } = column;
    if (upstream === removed)
      return { input, column: column.column, from: "dataset", source: { kind: "own" } };
    return { ...column, upstream: upstream > removed ? upstream - 1 : upstream };
  });
  return { ...bound, columns, upstream: bound.upstream.filter((_, i) => i !== removed) };
}
