import { defined } from "../../shared/defined.ts";
import type { BoundFunction } from "../plan/bind-inputs.ts";
import type { InvocationPlan } from "../plan/invocation-plan.ts";
import { executePlan, type ExecuteSettings } from "./execute-plan.ts";
import { type PartitionResult, releaseResults } from "../results/partition-result.ts";
import type { InvokeOptions } from "./invocation.ts";
import type { InvocationProgress, InvocationRequest } from "../../shared/protocol/invocation.ts";
import {
  type PreparedPlan,
  preparePlan,
  type PrepareSettings,
  type ResolvedRequest,
  resolveRequest,
} from "./prepare-plan.ts";
import { givenRows, type RowSource } from "./row-source.ts";
import { rowsOfTable } from "./rows-of-table.ts";
import type { Stopwatch } from "./stopwatch.ts";
import { bindToRows, findTableInput } from "./table-input.ts";

export type PrepareRequestSettings = PrepareSettings & ExecuteSettings;

/** Resolves and plans a request. `given` are rows that came with the call, in place of a dataset's. */
export async function prepareRequest(
  request: InvocationRequest,
  options: InvokeOptions,
  settings: PrepareRequestSettings,
  stopwatch: Pick<Stopwatch, "end">,
  given?: RowSource,
): Promise<PreparedPlan> {
  const resolved = await resolveRequest(request, settings, options.signal, given);
  stopwatch.end("resolve");
  return prepareResolved(request, resolved, options, settings, stopwatch);
}

/**
 * Plans a resolved request. If its rows come from a table function, runs that function first and plans over its
 * result, mapped from the spool.
 */
export async function prepareResolved(
  request: InvocationRequest,
  resolved: ResolvedRequest,
  options: InvokeOptions,
  settings: PrepareRequestSettings,
  stopwatch: Pick<Stopwatch, "end">,
): Promise<PreparedPlan> {
  const upstream = findTableInput(resolved.bound);
  if (upstream === undefined) {
    const prepared = await preparePlan(request, resolved, settings, options.signal);
    stopwatch.end("plan");
    return prepared;
  }
  const derived = await runTable(request, resolved, upstream, options, settings);
  stopwatch.end("upstream");
  try {
    const onRows: ResolvedRequest = {
      ...resolved,
      bound: bindToRows(resolved.bound, upstream),
      rows: derived.rows,
    };
    const prepared = await preparePlan(request, onRows, settings, options.signal);
    stopwatch.end("plan");
    const release = () => {
      prepared.release();
      void releaseResults(derived.results);
    };
    const { before } = derived;
    const plan = { ...prepared.plan, rowsOf: derived.source };
    return { ...prepared, plan, ...defined({ before }), release };
  } catch (error) {
    await releaseResults(derived.results);
    throw error;
  }
}

async function runTable(
  request: InvocationRequest,
  resolved: ResolvedRequest,
  upstream: BoundFunction,
  options: InvokeOptions,
  settings: PrepareRequestSettings,
): Promise<{
  readonly rows: RowSource;
  readonly results: readonly PartitionResult[];
  readonly source: InvocationPlan["rowsOf"];
  readonly before: InvocationProgress | undefined;
}> {
  const { rows, isGiven } = resolved;
  const { record } = rows;
  const inner: InvocationRequest = {
    function: upstream.entry.name,
    dataset: record.name,
    params: upstream.given,
    ...(resolved.symbols === null ? {} : { symbols: resolved.symbols }),
    ...defined({ asOf: request.asOf }),
  };
  // The inner run counts as `upstream` in the outer timings, and its progress is added to what follows.
  let before: InvocationProgress | undefined;
  const { onProgress: tell } = options;
  const onProgress = (progress: InvocationProgress) => {
    before = progress;
    tell?.(progress);
  };
  const heard = tell === undefined ? options : { ...options, onProgress };
  const prepared = await prepareRequest(inner, heard, settings, { end() {} }, isGiven ? rows : undefined);
  try {
    const results = await executePlan(prepared, { kind: "columns" }, heard, settings);
    const { dataset, datasetVersion, stages } = prepared.plan;
    const params = stages.at(-1)?.params ?? {};
    const source = { function: upstream.entry.name, params, dataset, datasetVersion };
    return { rows: givenRows(rowsOfTable(prepared, results, record)), results, source, before };
  } finally {
    prepared.release();
  }
}
