import type { Table } from "apache-arrow";
import { defined } from "../../shared/defined.ts";
import type { CallOptions } from "../../shared/client/client.ts";
import type { InvokeRequest, Published, PublishRequest } from "../../shared/client/messages.ts";
import { didYouMean, QuiverError } from "../../shared/errors/index.ts";
import { InvocationBody } from "../routes/request-schemas.ts";
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
export async function invoke(name: string, call: InvokeCall = {}): Promise<Table> {
  refuseUnknown(call, [...REQUEST, ...OPENING, ...CALLING]);
  const { opening, options, request } = parted(call);
  return shared.use(opening, (quiver) => quiver.invoke(name, request, options));
}

/** Runs a function and stores its rows as a version of a feature set, or finds an equal version. */
export async function publish(name: string, call: PublishCall = {}): Promise<Published> {
  refuseUnknown(call, [...REQUEST, ...TARGET, ...OPENING, ...CALLING]);
  const { opening, options, request } = parted(call);
  return shared.use(opening, (quiver) => quiver.publish(name, request, options));
}

/** The rows of a query over raw and feature data. */
export async function sql(query: string, call: SqlCall = {}): Promise<Table> {
  refuseUnknown(call, ["limit", ...OPENING, "signal"]);
  const { limit, signal, ...opening } = call;
  return shared.use(opening, (quiver) => quiver.sql(query, defined({ limit, signal })));
}

const REQUEST = Object.keys(InvocationBody.omit({ publish: true }).shape);
const TARGET = ["as", "replace", "codec", "compressionLevel"] as const satisfies (keyof PublishRequest)[];
const OPENING = ["data", "functions", "settings", "onLog"] as const satisfies (keyof OpenOptions)[];
const CALLING = ["signal", "onProgress", "recompute"] as const satisfies (keyof CallOptions)[];

/** What a call takes is more than what a request does, which is all that the request's own refusal could name. */
function refuseUnknown(call: object, known: readonly string[]): void {
  const field = Object.keys(call).find((name) => !known.includes(name));
  if (field === undefined) return;
  throw new QuiverError(
    "request-malformed",
    `Unknown field ${JSON.stringify(field)} in the call.${didYouMean(field, known)} Known: ${known.join(", ")}.`,
    { field, expected: known },
  );
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
