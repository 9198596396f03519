import { setTimeout as sleep } from "node:timers/promises";
import { errorCodeOf, messageOf, QuiverError } from "../../shared/errors/index.ts";
import type { Invoker, InvokeOptions } from "../invoke/invocation.ts";
import { JOB_LOG_LENGTH_MAX, type JobRecord, type JobResult } from "../store/job-records.ts";
import { cancelled } from "./job-errors.ts";
import type { KeptResults } from "./kept-results.ts";
import { createProgressMeter, type ProgressMeter } from "./progress-meter.ts";
import { createThrottle } from "../concurrency/throttle.ts";

/** A job at work. */
export interface LiveJob {
  readonly record: JobRecord;
  /** When this server began it. */
  readonly begunAt: number;
  readonly meter: ProgressMeter;
  /** What its handlers printed since the log was last written. */
  readonly pendingLog: string;
  /** Ends it for good. */
  cancel(): void;
  /** Ends it for now: it is queued again. */
  stop(): void;
  /** Resolves when nothing of it runs any more, and how it stands was saved. Never rejects. */
  readonly done: Promise<void>;
}

export interface RunJobSettings {
  /** Writes down how it stands, and what was printed since; now or when it can be. Never throws. */
  readonly save: (record: JobRecord, log: string) => void;
  readonly kept: KeptResults;
  readonly invoker: Pick<Invoker, "check" | "invoke" | "publish">;
  readonly resultKeptMs: number;
  readonly toProblem: (error: unknown) => Readonly<Record<string, unknown>>;
  /** What handlers print, as it comes. */
  readonly onLog: (text: string) => void;
  /** Something about the job has changed. */
  readonly onChange: (id: string) => void;
  /** What went wrong beside the job. */
  readonly report: (message: string) => void;
  readonly now: () => Date;
}

/** Below every caller who waits, whatever the priority among jobs. */
const BACKGROUND_PRIORITY = -1_000;

/** Priorities of jobs go from -100 to 100: this puts partitions of small ones before those of all others. */
const SMALL_BEFORE = 201;

/** News is sent so often at most, and written to the database so often at most. */
const ANNOUNCE_MS = 200;
const PERSIST_MS = 1_000;

/** Pauses before further attempts after failures that may pass, as long as no further partition is finished. */
const PAUSES_MS = [500, 2_000, 8_000];

/** Failures of the machine rather than of the function; a process that something killed is one too. */
export const PASSING: readonly string[] = [
  "child-start-failed",
  "children-busy",
  "dataset-version-gone",
  "engine-died",
];

/** Starts a queued job; what its earlier attempts finished is found and not computed again. */
export function runJob(queued: JobRecord, settings: RunJobSettings): LiveJob {
  const { kept, invoker, toProblem, now } = settings;
  const { id } = queued;
  const controller = new AbortController();
  let isStopped = false;
  let pendingLog = "";
  let record = queued;
  const begunAt = now().getTime();
  let meter = createProgressMeter();
  const announce = createThrottle(() => settings.onChange(id), ANNOUNCE_MS);
  const persist = createThrottle(save, PERSIST_MS);

  function save(): void {
    settings.save(record, pendingLog);
    pendingLog = "";
  }

  function change(changes: Partial<JobRecord>): void {
    record = { ...record, ...changes };
    persist.flush();
    save();
    announce.flush();
    settings.onChange(id);
  }

  function print(text: string): void {
    pendingLog = (pendingLog + text).slice(-JOB_LOG_LENGTH_MAX);
    persist.request();
  }

  async function run(): Promise<void> {
    let failures = 0;
    let partitionsDoneMax = 0;
    for (;;) {
      meter = createProgressMeter();
      change({
        status: "running",
        startedAt: record.startedAt ?? now().toISOString(),
        attempts: record.attempts + 1,
      });
      try {
        const result = await attempt();
        return end({ status: "succeeded", result });
      } catch (error) {
        if (record.cancelRequested) return end({ status: "cancelled", error: toProblem(cancelled(record)) });
        if (isStopped) return change({ status: "queued" });
        const { partitionsDone = 0 } = record.progress ?? {};
        // What comes further each time gets there.
        if (partitionsDone > partitionsDoneMax) failures = 0;
        partitionsDoneMax = Math.max(partitionsDoneMax, partitionsDone);
        const pauseMs = mayPass(error) ? PAUSES_MS[failures++] : undefined;
        if (pauseMs === undefined) return end({ status: "failed", error: toProblem(error) });
        print(`[quiver] ${messageOf(error)} Attempt ${record.attempts + 1} follows.\n`);
        await sleep(pauseMs, undefined, { signal: controller.signal }).catch(() => undefined);
      }
    }
  }

  function end(changes: Pick<JobRecord, "status"> & Partial<JobRecord>): void {
    change({ ...changes, endedAt: now().toISOString() });
  }

  async function attempt(): Promise<JobResult> {
    const options: InvokeOptions = {
      id,
      signal: controller.signal,
      priority: BACKGROUND_PRIORITY + record.priority + (record.isSmall ? SMALL_BEFORE : 0),
      recompute: record.recompute,
      durable: true,
      onLog(text) {
        settings.onLog(text);
        print(text);
      },
      onProgress(progress) {
        meter.note(progress, now().getTime());
        record = { ...record, progress };
        announce.request();
        persist.request();
      },
    };
    if (record.kind === "publish") {
      const { facts, manifest, created } = await invoker.publish(record.request, options);
      const { dataset, name, version, rowChecksum, rowCount } = manifest;
      const { fingerprint, timings } = facts;
      return {
        fingerprint,
        rowCount,
        timings,
        expiresAt: null,
        version: { dataset, name, version, rowChecksum, created },
      };
    }
    const body = record.body === null ? {} : { body: { ...record.body, path: bodyOf(record, kept) } };
    const result = await invoker.invoke(record.request, { ...options, ...body });
    try {
      await kept.keep(id, result);
    } finally {
      await result.release();
    }
    const { fingerprint, rowCount, timings } = result.facts;
    const expiresAt = new Date(now().getTime() + settings.resultKeptMs).toISOString();
    return { fingerprint, rowCount, timings, expiresAt, version: null };
  }

  const done = run().catch((error: unknown) => {
    settings.report(`The job ${id} could not be run: ${String(error)}`);
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

function mayPass(error: unknown): boolean {
  const code = errorCodeOf(error);
  if (code === "function-exited" && error instanceof QuiverError) return error.facts["signal"] === "SIGKILL";
  return code !== undefined && PASSING.includes(code);
}

function bodyOf({ id }: JobRecord, kept: KeptResults): string {
  const path = kept.body(id);
  if (path !== undefined) return path;
  throw new QuiverError(
    "result-gone",
    `Cannot run the job ${id}: the Arrow body it came with is not in the spool any more. Send it again.`,
    { id },
  );
}
