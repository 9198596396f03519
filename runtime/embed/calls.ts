import type { Table } from "apache-arrow";
import type { CallOptions } from "../../shared/client/client.ts";
import type { InvokeRequest, Published, PublishRequest } from "../../shared/client/messages.ts";
import { open, type OpenOptions, type Quiver, settingsOf } from "./open-quiver.ts";
import { shareOpened } from "./share-opened.ts";

export type InvokeCall = InvokeRequest & OpenOptions & CallOptions;
export type PublishCall = PublishRequest & OpenOptions & CallOptions;
export type SqlCall = OpenOptions & { readonly limit?: number; readonly signal?: AbortSignal };

/** A script must be able to end by itself, and so soon after its last call: timers and children keep it alive. */
const LINGER_MS = 250;

// The one state of a module here: calls that know nothing of each other share what they open, or every one of them
// would start engines and children of its own, and the second would find the data directory in use by the first.
const shared = shareOpened<OpenOptions, Quiver>({
  keyOf: (options) => JSON.stringify(settingsOf(options)),
  open,
  lingerMs: LINGER_MS,
});

/**
 * Runs a function in processes of this one and resolves with its rows as an Arrow table, in (symbol, ts) order. Calls
 * share what they open, and it is closed when none has run for a moment, so that a script ends by itself; between the
 * cells of a notebook `open()` keeps it. Rejects with a QuiverError: its `code` says what went wrong.
 */
export function invoke(name: string, call: InvokeCall = {}): Promise<Table> {
  const { opening, options, request } = parted(call);
  return shared.use(opening, (quiver) => quiver.invoke(name, request, options));
}

/** Runs a function and keeps its rows as a version of a feature set, or finds the equal one. */
export function publish(name: string, call: PublishCall = {}): Promise<Published> {
  const { opening, options, request } = parted(call);
  return shared.use(opening, (quiver) => quiver.publish(name, request, options));
}

/** The rows of a query over raw and feature data. */
export function sql(query: string, call: SqlCall = {}): Promise<Table> {
  const { limit, signal, ...opening } = call;
  const options = { ...(limit === undefined ? {} : { limit }), ...(signal === undefined ? {} : { signal }) };
  return shared.use(opening, (quiver) => quiver.sql(query, options));
}

/** What is opened, how it is called, and what is asked for stand side by side in one object. */
function parted<C extends OpenOptions & CallOptions>(call: C) {
  const { data, functions, settings, onLog, signal, onProgress, recompute, ...request } = call;
  return {
    opening: present({ data, functions, settings, onLog }) as OpenOptions,
    options: present({ signal, onProgress, recompute }) as CallOptions,
    request,
  };
}

/** Without what is undefined: left out and undefined are not the same to a setting. */
function present(values: Readonly<Record<string, unknown>>): object {
  return Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined));
}
