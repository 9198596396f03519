import type { CheckedRequest, InvokeOptions } from "./invocation.ts";
import type { InvocationRequest } from "../../shared/protocol/invocation.ts";
import { missingBroadcast } from "../load/missing-broadcast.ts";
import type { BoundFunction } from "../plan/bind-inputs.ts";
import type { DatasetCache } from "../store/dataset-cache.ts";
import { nameParameter } from "./name-parameter.ts";
import { type PrepareSettings, resolveRequest } from "./prepare-plan.ts";

/** Looks up everything a request names without slow work: it runs no query and reads no data. */
export async function checkInvocation(
  request: InvocationRequest,
  options: InvokeOptions,
  settings: PrepareSettings,
): Promise<CheckedRequest> {
  const { symbols, ...others } = request;
  const isQuery = symbols !== undefined && "sql" in symbols;
  const unread: PrepareSettings = { ...settings, sources: { check: () => Promise.resolve() } };
  const resolved = await resolveRequest(isQuery ? others : request, unread, options.signal);
  refuseMissingBroadcasts(resolved.bound, true, settings.datasets);
  const { record } = resolved.rows;
  if (resolved.symbols === null) return { rowCount: record.rowCount };
  const { symbols: all, rowCounts } = settings.datasets.get(record.name).index();
  const named = new Set(resolved.symbols);
  return { rowCount: rowCounts.reduce((sum, rows, i) => sum + (named.has(all[i]!) ? rows : 0), 0) };
}

/** Refuses a symbol to broadcast that its dataset does not have, which loading would find out only later. */
function refuseMissingBroadcasts(
  { entry, resolved, columns, upstream }: BoundFunction,
  isCallers: boolean,
  datasets: DatasetCache,
): void {
  for (const column of columns) {
    if (column.from === "function" || column.source.kind !== "matched") continue;
    const { broadcast, dataset } = column.source;
    if (broadcast === null) continue;
    const { symbols } = datasets.get(dataset).index();
    if (symbols.includes(broadcast)) continue;
    const reader = { function: entry.name, params: resolved.params, isCallers };
    throw nameParameter(missingBroadcast(broadcast, dataset, symbols), reader);
  }
  for (const one of upstream) refuseMissingBroadcasts(one, false, datasets);
}
