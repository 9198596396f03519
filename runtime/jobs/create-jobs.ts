import type { Invoker } from "../invoke/invocation.ts";
import type { JobRecord } from "../store/job-records.ts";
import { createJobChanges } from "./job-changes.ts";
import { abandoned, cancelled, gone } from "./job-errors.ts";
import { createJobQueue, type JobQueue } from "./job-queue.ts";
import { hasEnded, type JobView, viewOf } from "./job-view.ts";
import type { Jobs } from "./job.ts";
import { runJob, type RunJobDeps } from "./run-job.ts";
import { openSavedJobs, type SavedJobsOptions } from "./saved-jobs.ts";
import { takeOrder } from "./take-order.ts";
import { watchJob } from "./watch-job.ts";

export interface JobsOptions
  extends Omit<RunJobDeps, "save" | "onChange" | "now">, Pick<SavedJobsOptions, "openRecords"> {
  readonly invoker: Pick<Invoker, "check" | "invoke" | "publish">;
  readonly runningMax: number;
  readonly queueSizeMax: number;
  readonly crashesMax: number;
  readonly now?: () => Date;
}

const EVICT_EVERY_MS = 60_000;

/** Jobs in the control database, a few of which run at a time; an acknowledged job survives crashes and is finished. */
export function createJobs(options: JobsOptions): Jobs {
  const { results, now = () => new Date(), crashesMax, toProblem } = options;
  const changes = createJobChanges();
  const saved = openSavedJobs({ ...options, onRecovery: () => queue.startNext() });
  const queue: JobQueue = createJobQueue({
    saved,
    runningMax: options.runningMax,
    now,
    run: (queued) =>
      runJob(queued, {
        ...options,
        save: (record, log) => saved.save(record, log),
        now,
        onChange: (id) => changes.tell(id),
      }),
    onEnded: (id) => changes.tell(id),
  });
  let evicting: ReturnType<typeof setInterval> | undefined;

  const recordOf = (id: string) => queue.get(id)?.record ?? saved.find(id);

  function find(id: string): JobView | undefined {
    const record = recordOf(id);
    return record === undefined ? undefined : view(record);
  }

  function view(record: JobRecord): JobView {
    const { id, status } = record;
    const queuedBefore = status === "queued" ? saved.countBefore(id) : null;
    const meter = queue.get(id)?.meter;
    return viewOf(record, { queuedBefore, meter, isKept: isKept(record), now: now().getTime() });
  }

  /** A result may go before it expires: results together are limited in size, and the spool may be emptied. */
  function isKept(record: JobRecord): boolean {
    return isUnexpired(record) && results.has(record.id);
  }

  function isUnexpired({ result }: JobRecord): boolean {
    return result?.expiresAt != null && Date.parse(result.expiresAt) > now().getTime();
  }

  /** What becomes of a job that was running when an earlier server died. */
  function afterCrash(record: JobRecord): JobRecord {
    const crashes = record.crashes + 1;
    const endedAt = now().toISOString();
    if (record.cancelRequested)
      return { ...record, crashes, status: "cancelled", endedAt, error: toProblem(cancelled(record)) };
    if (crashes > crashesMax)
      return { ...record, crashes, status: "failed", endedAt, error: toProblem(abandoned(record, crashes)) };
    return { ...record, crashes, status: "queued" };
  }

  function evict(): void {
    const isWanted = (id: string) => {
      const record = recordOf(id);
      return record !== undefined && (!hasEnded(record) || isUnexpired(record));
    };
    results.evict(isWanted).catch((error: unknown) => {
      options.report(`Cannot remove results of jobs: ${String(error)}`);
    });
  }

  return {
    async submit(order) {
      const { record, created } = await takeOrder(order, { ...options, queue, saved, now });
      queue.startNext();
      return { job: view(recordOf(record.id) ?? record), created };
    },
    find,
    // A running job is ahead of its saved record.
    list: (filter) => saved.list(filter).map((record) => view(queue.get(record.id)?.record ?? record)),
    log: (id) => saved.log(id) + (queue.get(id)?.pendingLog ?? ""),
    async cancel(id) {
      const running = queue.get(id);
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
    watch: (id, signal) =>
      watchJob(id, signal, { find, changes, isStopped: () => queue.state === "stopped" }),
    openResult(id) {
      const record = recordOf(id);
      const result = record !== undefined && isKept(record) ? results.open(id) : undefined;
      if (result !== undefined) return Promise.resolve(result);
      return Promise.reject(gone(id, record?.result?.expiresAt ?? null, now()));
    },
    get runningCount() {
      return queue.runningCount;
    },
    start() {
      for (const record of saved.list({ status: "running", limit: -1 })) saved.save(afterCrash(record));
      evict();
      evicting = setInterval(evict, EVICT_EVERY_MS);
      evicting.unref();
      queue.open();
    },
    async stop() {
      clearInterval(evicting);
      await queue.stop();
      changes.tellAll();
    },
    close() {
      clearInterval(evicting);
      saved.close();
    },
  };
}
