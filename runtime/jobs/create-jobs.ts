import { errorCodeOf, QuiverError } from "../../shared/errors/index.ts";
import { newInvocationId } from "../invoke/record-invocation.ts";
import type { JobRecord } from "../store/job-records.ts";
import { estimateWaitMs } from "./estimate-wait.ts";
import type { JobOrder, Jobs } from "./job.ts";
import { createJobChanges } from "./job-changes.ts";
import { abandoned, busy, cancelled, gone, keyReused } from "./job-errors.ts";
import { hasEnded, type JobView, viewOf } from "./job-view.ts";
import { requestHash } from "./request-hash.ts";
import { type LiveJob, PASSING, runJob, type RunJobSettings } from "./run-job.ts";
import { openSavedJobs, type SavedJobsOptions } from "./saved-jobs.ts";

export interface JobsSettings
  extends Omit<RunJobSettings, "save" | "onChange" | "now">, Pick<SavedJobsOptions, "openRecords"> {
  readonly runningMax: number;
  readonly queueSizeMax: number;
  readonly crashesMax: number;
  readonly now?: () => Date;
}

const COLLECT_EVERY_MS = 60_000;

/** A job over no more rows of a dataset than this is small: the slowest function shipped takes some 12 s for them. */
const SMALL_ROWS_MAX = 250_000;

/** So many jobs' times are remembered. */
const RECENT_MAX = 20;

/** Jobs in the control database, run a few at a time; whatever dies, what was acknowledged is run to its end. */
export function createJobs(settings: JobsSettings): Jobs {
  const { kept, now = () => new Date(), runningMax, queueSizeMax, crashesMax, toProblem, invoker } = settings;
  const live = new Map<string, LiveJob>();
  const changes = createJobChanges();
  const saved = openSavedJobs({ ...settings, onRecovery: startNext });
  let isTaking = false;
  let isStopped = false;
  const recentMs: number[] = [];
  let collecting: ReturnType<typeof setInterval> | undefined;

  const recordOf = (id: string) => live.get(id)?.record ?? saved.find(id);

  function view(record: JobRecord): JobView {
    const { id, status } = record;
    const queuedBefore = status === "queued" ? saved.countBefore(id) : null;
    const meter = live.get(id)?.meter;
    return viewOf(record, { queuedBefore, meter, isKept: isKept(record), now: now().getTime() });
  }

  /** Until its time is over, unless it was too much or the spool was emptied. */
  function isKept({ id, result }: JobRecord): boolean {
    const expiresAt = result?.expiresAt;
    return expiresAt != null && Date.parse(expiresAt) > now().getTime() && kept.has(id);
  }

  function find(id: string): JobView | undefined {
    const record = recordOf(id);
    return record === undefined ? undefined : view(record);
  }

  /** Starts those whose turn it is; none while it could not be written down that they were started. */
  function startNext(): void {
    while (isTaking && !isStopped && !saved.isFailing) {
      const next = nextOf({ isSmall: true }) ?? nextOf({ isSmall: false });
      if (next === undefined) return;
      start(next);
    }
  }

  /** Small jobs have as many places as the others; one that is more urgent than all that run has one more. */
  function nextOf({ isSmall }: Pick<JobRecord, "isSmall">): JobRecord | undefined {
    const running = [...live.values()].filter(({ record }) => Boolean(record.isSmall) === isSmall);
    if (running.length > runningMax) return undefined;
    const priorities = running.length < runningMax ? [] : running.map(({ record }) => record.priority);
    const above = priorities.length === 0 ? {} : { abovePriority: Math.max(...priorities) };
    return saved.next({ isSmall, ...above, except: [...live.keys()] });
  }

  function start(queued: JobRecord): void {
    const { id } = queued;
    const job = runJob(queued, {
      ...settings,
      save: (record, log) => saved.save(record, log),
      now,
      onChange: (each) => changes.tell(each),
    });
    live.set(id, job);
    void job.done.then(() => {
      live.delete(id);
      recentMs.push(now().getTime() - job.begunAt);
      if (recentMs.length > RECENT_MAX) recentMs.shift();
      changes.tell(id);
      startNext();
    });
  }

  /** What a caller is told to wait for a place in the queue. */
  function waitMs(): number {
    const at = now().getTime();
    const running = [...live.values()].map(({ record, meter, begunAt }) => {
      const { secondsLeft } = meter.rate(at);
      const leftMs = secondsLeft === null || record.status !== "running" ? null : secondsLeft * 1_000;
      return { elapsedMs: at - begunAt, leftMs };
    });
    return estimateWaitMs(recentMs, running);
  }

  function refuse(): void {
    if (isStopped)
      throw new QuiverError("stopping", "Cannot take the job: the server is stopping. Try again shortly.");
    if (isTaking) return;
    throw new QuiverError(
      "server-needed",
      'Cannot take the job: no server is running that could work on it. Start one with "quiver start".',
    );
  }

  /** The job that the order's key stands for already. */
  function knownFor({ idempotencyKey }: JobOrder, hash: string): JobRecord | undefined {
    const known = idempotencyKey === undefined ? undefined : saved.findByKey(idempotencyKey);
    if (known === undefined) return undefined;
    if (known.requestHash !== hash) throw keyReused(known);
    return recordOf(known.id) ?? known;
  }

  /** Whether it is small; rejects with what the job could only fail with. */
  async function check(order: JobOrder): Promise<boolean> {
    // Rows that come along are not looked at before they are needed.
    if (order.kind === "invoke" && order.body !== undefined) return false;
    try {
      const { rowCount } = await invoker.check(order.request);
      return rowCount <= SMALL_ROWS_MAX;
    } catch (error) {
      if (PASSING.includes(errorCodeOf(error) ?? "")) return false;
      throw error;
    }
  }

  function add(order: JobOrder, hash: string, isSmall: boolean): JobRecord {
    const { kind, request, priority = 0, idempotencyKey = null, recompute = false } = order;
    if (saved.count("queued") >= queueSizeMax) throw busy(queueSizeMax, waitMs());
    const createdAt = now();
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
    // The body first: a folder without a job goes, a job without its body could not be run.
    if (body !== undefined) kept.takeBody(record.id, body.path);
    saved.saveNow(record, "add", "Cannot take the job");
    return record;
  }

  /** How a job that an earlier server left at work stands now. */
  function afterCrash(record: JobRecord): JobRecord {
    const crashes = record.crashes + 1;
    const endedAt = now().toISOString();
    if (record.cancelRequested)
      return { ...record, crashes, status: "cancelled", endedAt, error: toProblem(cancelled(record)) };
    if (crashes > crashesMax)
      return { ...record, crashes, status: "failed", endedAt, error: toProblem(abandoned(record, crashes)) };
    return { ...record, crashes, status: "queued" };
  }

  function collect(): void {
    const isWanted = (id: string) => {
      const record = recordOf(id);
      if (record === undefined) return false;
      if (!hasEnded(record)) return true;
      return record.result?.expiresAt != null && Date.parse(record.result.expiresAt) > now().getTime();
    };
    kept.collect(isWanted).catch((error: unknown) => {
      settings.report(`Cannot remove results of jobs: ${String(error)}`);
    });
  }

  return {
    async submit(order) {
      refuse();
      const hash = await requestHash(order);
      const earlier = knownFor(order, hash);
      if (earlier !== undefined) return { job: view(earlier), created: false };
      const isSmall = await check(order);
      refuse();
      // The same order may have come twice at once.
      const known = knownFor(order, hash);
      const record = known ?? add(order, hash, isSmall);
      startNext();
      return { job: view(recordOf(record.id) ?? record), created: known === undefined };
    },
    find,
    list(filter) {
      // What runs is further than what was last written of it.
      return saved.list(filter).map((record) => view(live.get(record.id)?.record ?? record));
    },
    log: (id) => saved.log(id) + (live.get(id)?.pendingLog ?? ""),
    async cancel(id) {
      const running = live.get(id);
      const record = recordOf(id);
      if (record === undefined) return undefined;
      if (running !== undefined) {
        running.cancel();
        await running.done;
      } else if (!hasEnded(record)) {
        const endedAt = now().toISOString();
        const error = toProblem(cancelled(record));
        const ended = { ...record, status: "cancelled", cancelRequested: true, endedAt, error } as const;
        saved.saveNow(ended, "save", `Cannot cancel the job ${id}`);
        changes.tell(id);
      }
      return find(id);
    },
    async *watch(id, signal) {
      const over = new AbortController();
      const end = () => over.abort();
      signal.addEventListener("abort", end, { once: true });
      try {
        while (!signal.aborted && !isStopped) {
          // Before looking: what changes while the caller is busy is not missed.
          const changed = changes.next(id, over.signal);
          const job = find(id);
          if (job === undefined) return;
          yield job;
          if (hasEnded(job)) return;
          await changed;
        }
      } finally {
        signal.removeEventListener("abort", end);
        end();
      }
    },
    openResult(id) {
      const record = recordOf(id);
      const result = record !== undefined && isKept(record) ? kept.open(id) : undefined;
      if (result !== undefined) return Promise.resolve(result);
      return Promise.reject(gone(id, record?.result?.expiresAt ?? null, now()));
    },
    get runningCount() {
      return live.size;
    },
    start() {
      isTaking = true;
      for (const record of saved.list({ status: "running", limit: -1 })) saved.save(afterCrash(record));
      collect();
      collecting = setInterval(collect, COLLECT_EVERY_MS);
      collecting.unref();
      startNext();
    },
    async stop() {
      isStopped = true;
      clearInterval(collecting);
      const running = [...live.values()];
      for (const job of running) job.stop();
      await Promise.all(running.map((job) => job.done));
      changes.tellAll();
    },
    close() {
      clearInterval(collecting);
      saved.close();
    },
  };
}
