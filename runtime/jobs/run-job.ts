import { setTimeout as sleep } from "node:timers/promises";
import { messageOf, QuiverError } from "../../shared/errors/index.ts";
import { createThrottle } from "../concurrency/throttle.ts";
import type { InvokeOptions } from "../invoke/invocation.ts";
import { priorityOfJob } from "../process/priority.ts";
import { JOB_LOG_LENGTH_MAX, type JobRecord } from "../store/job-records.ts";
import { attemptJob, type AttemptJobDeps } from "./attempt-job.ts";
import { cancelled } from "./job-errors.ts";
import { createJobRetries } from "./job-retries.ts";
import { createProgressMeter, type ProgressMeter } from "./progress-meter.ts";

/** A running job. */
export interface LiveJob {
  readonly record: JobRecord;
  /** When this server started it. */
  readonly begunAt: number;
  readonly meter: ProgressMeter;
  /** What its handlers printed since the log was last written. */
  readonly pendingLog: string;
  /** Ends it for good. */
  cancel(): void;
  /** Ends it for now: it goes back to the queue. */
  stop(): void;
  /** Resolves when nothing of it runs any more and its state is saved. Never rejects. */
  readonly done: Promise<void>;
}

export interface RunJobDeps extends AttemptJobDeps {
  /** Records its state, and what was printed since, now or as soon as possible. Never throws. */
  readonly save: (record: JobRecord, log: string) => void;
  readonly toProblem: (error: unknown) => Readonly<Record<string, unknown>>;
  /** Receives what handlers print, as they print it. */
  readonly onLog: (text: string) => void;
  /** Called when the job's state or progress has changed. */
  readonly onChange: (id: string) => void;
  /** Receives faults of the job machinery itself. */
  readonly report: (message: string) => void;
}

/** The shortest times between two announcements of progress, and between two writes to the database. */
const ANNOUNCE_MS = 200;
const PERSIST_MS = 1_000;

/** Starts a queued job. */
export function runJob(queued: JobRecord, deps: RunJobDeps): LiveJob {
  const { toProblem, now } = deps;
  const { id } = queued;
  const controller = new AbortController();
  let isStopped = false;
  let pendingLog = "";
  let record = queued;
  const begunAt = now().getTime();
  let meter = createProgressMeter();
  const announce = createThrottle(() => deps.onChange(id), ANNOUNCE_MS);
  const persist = createThrottle(save, PERSIST_MS);

  function save(): void {
    deps.save(record, pendingLog);
    pendingLog = "";
  }

  function change(changes: Partial<JobRecord>): void {
    record = { ...record, ...changes };
    persist.flush();
    save();
    announce.flush();
    deps.onChange(id);
  }

  function print(text: string): void {
    pendingLog = (pendingLog + text).slice(-JOB_LOG_LENGTH_MAX);
    persist.request();
  }

  async function run(): Promise<void> {
    const retries = createJobRetries();
    for (;;) {
      meter = createProgressMeter();
      change({
        status: "running",
        startedAt: record.startedAt ?? now().toISOString(),
        attempts: record.attempts + 1,
      });
      try {
        const result = await attemptJob(record, invokeOptions(), deps);
        return end({ status: "succeeded", result });
      } catch (error) {
        if (record.cancelRequested) return end({ status: "cancelled", error: toProblem(cancelled(record)) });
        if (isStopped) return change({ status: "queued" });
        const pauseMs = retries.pauseAfter(error, record.progress?.partitionsDone ?? 0);
        if (pauseMs === undefined) return end({ status: "failed", error: toProblem(error) });
        print(`[quiver] ${messageOf(error)} Attempt ${record.attempts + 1} follows.\n`);
        await sleep(pauseMs, undefined, { signal: controller.signal }).catch(() => undefined);
      }
    }
  }

  function end(changes: Pick<JobRecord, "status"> & Partial<JobRecord>): void {
    change({ ...changes, endedAt: now().toISOString() });
  }

  function invokeOptions(): InvokeOptions {
    return {
      id,
      signal: controller.signal,
      priority: priorityOfJob(record.priority, record.isSmall),
      recompute: record.recompute,
      durable: true,
      onLog(text) {
        deps.onLog(text);
        print(text);
      },
      onProgress(progress) {
        meter.note(progress, now().getTime());
        record = { ...record, progress };
        announce.request();
        persist.request();
      },
    };
  }

  const done = run().catch((error: unknown) => {
    deps.report(`The job ${id} could not be run: ${String(error)}`);
  });
  return {
    get record() {
      return record;
    },
    begunAt,
    get meter() {
      return meter;
    },
    get pendingLog() {
      return pendingLog;
    },
    cancel() {
      change({ cancelRequested: true });
      controller.abort(cancelled(record));
    },
    stop() {
      isStopped = true;
      controller.abort(new QuiverError("stopping", `The job ${id} was stopped with the server.`));
    },
    done,
  };
}
