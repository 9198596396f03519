import type { CheckedRequest, InvokeOptions } from "./invocation.ts";
import type { InvocationRequest } from "../../shared/protocol/invocation.ts";
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
  const { record } = resolved.rows;
  if (resolved.symbols === null) return { rowCount: record.rowCount };
  const { symbols: all, rowCounts } = settings.datasets.get(record.name).index();
  const named = new Set(resolved.symbols);
  return { rowCount: rowCounts.reduce((sum, rows, i) => sum + (named.has(all[i]!) ? rows : 0), 0) };
}
