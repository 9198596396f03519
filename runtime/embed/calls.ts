import type { Table } from "apache-arrow";
import { defined } from "../../shared/defined.ts";
import type { CallOptions } from "../../shared/client/client.ts";
import type { InvokeRequest, Published, PublishRequest } from "../../shared/client/messages.ts";
import { open, type OpenOptions, type Quiver, settingsOf } from "./open-quiver.ts";
import { shareOpened } from "./share-opened.ts";

export type InvokeCall = InvokeRequest & OpenOptions & CallOptions;
export type PublishCall = PublishRequest & OpenOptions & CallOptions;
export type SqlCall = OpenOptions & { readonly limit?: number; readonly signal?: AbortSignal };

/** Idle time before what is open gets closed. Short, because its timers and children keep a finished script alive. */
const LINGER_MS = 250;

// The only module-level state in the project: separate calls share what they open. Otherwise each would start its own
// engines and children, and the second would find the data directory in use by the first.
const shared = shareOpened<OpenOptions, Quiver>({
  keyOf: (options) => JSON.stringify(settingsOf(options)),
  open,
  lingerMs: LINGER_MS,
});

/**
 * Runs a function in child processes of this one and resolves with its rows as an Arrow table, in (symbol, ts) order.
 * Calls share the opened data directory, which is closed once no call has run for a moment, so that a script can end
 * by itself; `open()` keeps it open between the cells of a notebook. Rejects with a QuiverError whose `code` says what
 * went wrong.
 */
export function invoke(name: string, call: InvokeCall = {}): Promise<Table> {
  const { opening, options, request } = parted(call);
  return shared.use(opening, (quiver) => quiver.invoke(name, request, options));
}

/** Runs a function and stores its rows as a version of a feature set, or finds an equal version. */
export function publish(name: string, call: PublishCall = {}): Promise<Published> {
  const { opening, options, request } = parted(call);
  return shared.use(opening, (quiver) => quiver.publish(name, request, options));
}

/** The rows of a query over raw and feature data. */
export function sql(query: string, call: SqlCall = {}): Promise<Table> {
  const { limit, signal, ...opening } = call;
  return shared.use(opening, (quiver) => quiver.sql(query, defined({ limit, signal })));
}

/** Splits a call into what to open, how to call it, and what to ask for. */
function parted<C extends OpenOptions & CallOptions>(call: C) {
  const { data, functions, settings, onLog, signal, onProgress, recompute, ...request } = call;
  return {
    opening: defined({ data, functions, settings, onLog }),
    options: defined({ signal, onProgress, recompute }),
    request,
  };
}
