import type { JobChanges } from "./job-changes.ts";
import { hasEnded, type JobView } from "./job-view.ts";

export interface WatchJobDeps {
  readonly find: (id: string) => JobView | undefined;
  readonly changes: Pick<JobChanges, "next">;
  readonly isStopped: () => boolean;
}

/** Yields a job as it is now, and again after each change; ends with the job, or with the server. */
export async function* watchJob(
  id: string,
  signal: AbortSignal,
  { find, changes, isStopped }: WatchJobDeps,
): AsyncGenerator<JobView> {
  const over = new AbortController();
  const end = () => over.abort();
  signal.addEventListener("abort", end, { once: true });
  try {
    while (!signal.aborted && !isStopped()) {
      // Subscribed before the job is read, so that no change is missed while the caller is busy.
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
}
