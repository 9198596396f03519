import { randomBytes } from "node:crypto";
import { errorCodeOf, messageOf, QuiverError } from "../../shared/errors/index.ts";
import type { Manifest } from "../store/manifest.ts";
import type { InvocationRecord } from "../store/control-database.ts";
import type { InvocationFacts, InvokeOptions } from "./invocation.ts";
import type { InvocationRequest } from "../../shared/protocol/invocation.ts";
import type { PreparedPlan } from "./prepare-plan.ts";
import type { PartitionResult } from "../results/partition-result.ts";
import { Stopwatch } from "./stopwatch.ts";

/** An invocation in progress: its id, its stopwatch, and its dataset once known. */
export interface RunningInvocation {
  readonly id: string;
  readonly stopwatch: Stopwatch;
  dataset: string | null;
}

export interface RecordSettings {
  /** Stores how an invocation ended. Errors are dropped: a result matters more than its record. */
  readonly record: (record: InvocationRecord) => void;
  readonly now: () => Date;
}

type Ending = Omit<
  InvocationRecord,
  "id" | "function" | "dataset" | "kind" | "startedAt" | "durationMs" | "request"
>;

/** Runs the work of an invocation and records how it ended. */
export async function recordInvocation<T extends { readonly facts: InvocationFacts }>(
  kind: "invoke" | "publish",
  request: InvocationRequest,
  { id, signal }: Pick<InvokeOptions, "id" | "signal">,
  { record, now }: RecordSettings,
  work: (invocation: RunningInvocation) => Promise<T>,
): Promise<T> {
  const since = performance.now();
  const startedAt = now();
  const invocation: RunningInvocation = {
    id: id ?? newInvocationId(startedAt),
    stopwatch: new Stopwatch(),
    dataset: request.dataset ?? null,
  };
  const note = (ending: Ending) => {
    try {
      record({
        id: invocation.id,
        function: request.function,
        dataset: invocation.dataset,
        kind,
        startedAt: startedAt.toISOString(),
        durationMs: performance.now() - since,
        request,
        ...ending,
      });
    } catch {
      // Most likely the disk is full, which does not concern a caller with a result.
    }
  };
  try {
    const result = await work(invocation);
    const { rowCount, bytesRead, peakMemoryBytes, fingerprint, timings, logTail } = result.facts;
    const facts = { rowCount, bytesRead, peakMemoryBytes, fingerprint, timings, logTail };
    note({ outcome: "ok", message: null, ...facts });
    return result;
  } catch (thrown) {
    const wasCancelled = signal?.aborted === true && errorCodeOf(thrown) === undefined;
    const error = wasCancelled ? cancelled(request.function, thrown) : thrown;
    note({
      outcome: errorCodeOf(error) ?? "internal-error",
      message: messageOf(error),
      rowCount: 0,
      bytesRead: 0,
      peakMemoryBytes: 0,
      fingerprint: null,
      timings: invocation.stopwatch.timings(),
      logTail: logTailOf(error),
    });
    throw error;
  }
}

/** Makes an id that cannot be guessed and that sorts by time. */
export function newInvocationId(now: Date): string {
  return `${now.getTime().toString(36)}-${randomBytes(6).toString("hex")}`;
}

/** Sums up an invocation from its plan and its partitions. */
export function factsOf(
  { id, stopwatch }: RunningInvocation,
  { plan, handles }: PreparedPlan,
  results: readonly PartitionResult[],
): InvocationFacts {
  const loads = Object.values(handles).map((handle) => handle.statistics());
  // Loading runs beside the partitions, so its time lies within `run`.
  const loadMs = loads.reduce((sum, { milliseconds }) => sum + milliseconds, 0);
  if (loadMs > 0) stopwatch.add("load", loadMs);
  const warnings = new Map<string, number>();
  for (const { message, count } of results.flatMap(({ reply }) => reply.warnings)) {
    warnings.set(message, (warnings.get(message) ?? 0) + count);
  }
  return {
    id,
    fingerprint: plan.fingerprint,
    rowCount: results.reduce((sum, { reply }) => sum + reply.rowCount, 0),
    timings: stopwatch.timings(),
    warnings: Array.from(warnings, ([message, count]) => ({ message, count })),
    peakMemoryBytes: results.reduce((peak, result) => Math.max(peak, result.peakMemoryBytes), 0),
    logTail: results.map((result) => result.logTail).join(""),
    bytesRead: loads.reduce((sum, { bytesRead }) => sum + bytesRead, 0),
    partitions: { count: results.length, found: results.filter(({ found }) => found).length },
  };
}

/** The facts of a publish that found the version and computed nothing. */
export function factsOfPublished({ id, stopwatch }: RunningInvocation, manifest: Manifest): InvocationFacts {
  const { fingerprint, rowCount } = manifest;
  const nothing = { peakMemoryBytes: 0, logTail: "", bytesRead: 0, partitions: { count: 0, found: 0 } };
  return { id, fingerprint, rowCount, timings: stopwatch.timings(), warnings: [], ...nothing };
}

function logTailOf(error: unknown): string {
  const facts = error instanceof QuiverError ? error.facts["logTail"] : undefined;
  return typeof facts === "string" ? facts : "";
}

/** The error of an invocation whose caller has aborted it. */
export function cancelled(name: string, cause: unknown): QuiverError {
  const message = `The invocation of ${JSON.stringify(name)} was cancelled.`;
  return new QuiverError("invocation-cancelled", message, {}, cause);
}
