import type { JobRecord } from "../store/job-records.ts";
import { estimateWaitMs } from "./estimate-wait.ts";
import type { LiveJob } from "./run-job.ts";
import type { SavedJobs } from "./saved-jobs.ts";

/** Starts queued jobs in turn, a few at a time. */
export interface JobQueue {
  /** A job, while it runs. */
  get(id: string): LiveJob | undefined;
  readonly runningCount: number;
  /** Nothing starts before `open` or after `stop`. */
  readonly state: "new" | "open" | "stopped";
  open(): void;
  /** Starts the jobs whose turn has come; none while their start cannot be recorded. */
  startNext(): void;
  /** How long a refused caller should wait before it tries again. */
  waitMs(): number;
  /** Stops the running jobs and resolves when nothing of them runs. */
  stop(): Promise<void>;
}

export interface JobQueueOptions {
  readonly saved: Pick<SavedJobs, "next" | "isFailing">;
  readonly runningMax: number;
  readonly run: (queued: JobRecord) => LiveJob;
  /** Called when a job no longer runs. */
  readonly onEnded: (id: string) => void;
  readonly now: () => Date;
}

/** The number of past jobs whose durations are remembered. */
const RECENT_MAX = 20;

export function createJobQueue({ saved, runningMax, run, onEnded, now }: JobQueueOptions): JobQueue {
  const live = new Map<string, LiveJob>();
  const recentMs: number[] = [];
  let state: JobQueue["state"] = "new";

  function startNext(): void {
    while (state === "open" && !saved.isFailing) {
      const next = nextOf({ isSmall: true }) ?? nextOf({ isSmall: false });
      if (next === undefined) return;
      start(next);
    }
  }

  /** Small jobs have as many places as the others. One job more urgent than all running ones gets an extra place. */
  function nextOf({ isSmall }: Pick<JobRecord, "isSmall">): JobRecord | undefined {
    const running = [...live.values()].filter(({ record }) => Boolean(record.isSmall) === isSmall);
    if (running.length > runningMax) return undefined;
    const priorities = running.length < runningMax ? [] : running.map(({ record }) => record.priority);
    const above = priorities.length === 0 ? {} : { abovePriority: Math.max(...priorities) };
    return saved.next({ isSmall, ...above, except: [...live.keys()] });
  }

  function start(queued: JobRecord): void {
    const job = run(queued);
    live.set(queued.id, job);
    void job.done.then(() => {
      live.delete(queued.id);
      recentMs.push(now().getTime() - job.begunAt);
      if (recentMs.length > RECENT_MAX) recentMs.shift();
      onEnded(queued.id);
      startNext();
    });
  }

  return {
    get: (id) => live.get(id),
    get runningCount() {
      return live.size;
    },
    get state() {
      return state;
    },
    open() {
      state = "open";
      startNext();
    },
    startNext,
    waitMs() {
      const at = now().getTime();
      const running = [...live.values()].map(({ record, meter, begunAt }) => {
        const { secondsLeft } = meter.rate(at);
        const leftMs = secondsLeft === null || record.status !== "running" ? null : secondsLeft * 1_000;
        return { elapsedMs: at - begunAt, leftMs };
      });
      return estimateWaitMs(recentMs, running);
    },
    async stop() {
      state = "stopped";
      const running = [...live.values()];
      for (const job of running) job.stop();
      await Promise.all(running.map((job) => job.done));
    },
  };
}
