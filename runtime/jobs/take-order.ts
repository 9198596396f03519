import { errorCodeOf, QuiverError } from "../../shared/errors/index.ts";
import type { Invoker } from "../invoke/invocation.ts";
import { newInvocationId } from "../invoke/record-invocation.ts";
import type { JobRecord } from "../store/job-records.ts";
import { busy, keyReused } from "./job-errors.ts";
import type { JobQueue } from "./job-queue.ts";
import type { JobResultStore } from "./job-results.ts";
import { PASSING } from "./job-retries.ts";
import type { JobOrder } from "./job.ts";
import { requestHash } from "./request-hash.ts";
import type { SavedJobs } from "./saved-jobs.ts";

export interface TakeOrderDeps {
  readonly queue: Pick<JobQueue, "state" | "waitMs">;
  readonly saved: Pick<SavedJobs, "findByKey" | "count" | "saveNow">;
  readonly results: Pick<JobResultStore, "takeBody">;
  readonly invoker: Pick<Invoker, "check">;
  readonly queueSizeMax: number;
  readonly now: () => Date;
}

/** A job that reads at most this many rows is small: the slowest shipped function takes about 12 s for them. */
const SMALL_ROWS_MAX = 250_000;

/** Checks an order and records it as a queued job, unless its key already names a job. */
export async function takeOrder(
  order: JobOrder,
  deps: TakeOrderDeps,
): Promise<{ readonly record: JobRecord; readonly created: boolean }> {
  refuseUnlessOpen(deps);
  const hash = await requestHash(order);
  const earlier = knownFor(order, hash, deps);
  if (earlier !== undefined) return { record: earlier, created: false };
  const isSmall = await checkOrder(order, deps);
  refuseUnlessOpen(deps);
  // The same order may have arrived twice at once.
  const known = knownFor(order, hash, deps);
  if (known !== undefined) return { record: known, created: false };
  return { record: add(order, hash, isSmall, deps), created: true };
}

function refuseUnlessOpen({ queue }: TakeOrderDeps): void {
  if (queue.state === "stopped")
    throw new QuiverError("stopping", "Cannot take the job: the server is stopping. Try again shortly.");
  if (queue.state === "open") return;
  throw new QuiverError(
    "server-needed",
    'Cannot take the job: no server is running that could work on it. Start one with "quiver start".',
  );
}

function knownFor(
  { idempotencyKey }: JobOrder,
  hash: string,
  { saved }: TakeOrderDeps,
): JobRecord | undefined {
  const known = idempotencyKey === undefined ? undefined : saved.findByKey(idempotencyKey);
  if (known !== undefined && known.requestHash !== hash) throw keyReused(known);
  return known;
}

/** Gives whether the job is small; rejects an order that could only fail. */
async function checkOrder(order: JobOrder, { invoker }: TakeOrderDeps): Promise<boolean> {
  // An uploaded body is not read before the job runs.
  if (order.kind === "invoke" && order.body !== undefined) return false;
  try {
    const { rowCount } = await invoker.check(order.request);
    return rowCount <= SMALL_ROWS_MAX;
  } catch (error) {
    if (PASSING.includes(errorCodeOf(error) ?? "")) return false;
    throw error;
  }
}

function add(order: JobOrder, hash: string, isSmall: boolean, deps: TakeOrderDeps): JobRecord {
  const { queue, saved, results, queueSizeMax } = deps;
  const { kind, request, priority = 0, idempotencyKey = null, recompute = false } = order;
  if (saved.count("queued") >= queueSizeMax) throw busy(queueSizeMax, queue.waitMs());
  const createdAt = deps.now();
  const body = order.kind === "invoke" ? order.body : undefined;
  const record: JobRecord = {
    id: newInvocationId(createdAt),
    status: "queued",
    kind,
    function: request.function,
    dataset: request.dataset ?? null,
    request,
    body: body === undefined ? null : { input: body.input },
    isSmall,
    recompute,
    priority,
    idempotencyKey,
    requestHash: hash,
    createdAt: createdAt.toISOString(),
    startedAt: null,
    endedAt: null,
    attempts: 0,
    crashes: 0,
    cancelRequested: false,
    progress: null,
    error: null,
    result: null,
  };
  // The body first: a folder without a job is removed later, but a job without its body could not run.
  if (body !== undefined) results.takeBody(record.id, body.path);
  saved.saveNow(record, "add", "Cannot take the job");
  return record;
}
