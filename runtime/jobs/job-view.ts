import type { InvocationProgress } from "../../shared/protocol/invocation.ts";
import type { JobRecord } from "../store/job-records.ts";
import { NO_RATE, type ProgressMeter, type Rate } from "./progress-meter.ts";

/** A job as callers see it. */
export interface JobView extends Pick<
  JobRecord,
  | "id"
  | "status"
  | "kind"
  | "function"
  | "dataset"
  | "request"
  | "priority"
  | "isSmall"
  | "createdAt"
  | "startedAt"
  | "endedAt"
  | "attempts"
  | "cancelRequested"
  | "error"
> {
  /** How many jobs of its kind, small or not, come before it; null when it is not queued. */
  readonly queuedBefore: number | null;
  readonly progress: JobProgress | null;
  readonly result:
    | (NonNullable<JobRecord["result"]> & {
        /** The path of its rows or manifest; null when it has expired. */
        readonly url: string | null;
      })
    | null;
}

export interface JobProgress extends Omit<InvocationProgress, "rowsFound">, Rate {}

/** The path of a job on the server. */
export function jobUrl(id: string): string {
  return `/invocations/${id}`;
}

export interface ViewFacts {
  readonly queuedBefore: number | null;
  /** Undefined unless the job is running. */
  readonly meter: ProgressMeter | undefined;
  /** Whether the unpublished rows of the job are still stored. */
  readonly isKept: boolean;
  readonly now: number;
}

export function viewOf(job: JobRecord, { queuedBefore, meter, isKept, now }: ViewFacts): JobView {
  const { id, status, kind, function: name, dataset, request, priority, isSmall, result } = job;
  const { createdAt, startedAt, endedAt, attempts, cancelRequested, error, progress } = job;
  const isGone = result?.version === null && !isKept;
  return {
    id,
    function: name,
    dataset: result?.version?.dataset ?? dataset,
    kind,
    status,
    priority,
    isSmall: Boolean(isSmall),
    createdAt,
    startedAt,
    endedAt,
    attempts,
    queuedBefore,
    cancelRequested,
    progress: progress === null ? null : { ...counted(progress), ...(meter?.rate(now) ?? NO_RATE) },
    error,
    result: result === null ? null : { ...result, url: isGone ? null : `${jobUrl(id)}/result` },
    request,
  };
}

function counted(progress: InvocationProgress): Omit<InvocationProgress, "rowsFound"> {
  const { stage, partitionsDone, partitionCount, rowsDone, rowCount } = progress;
  return { stage, partitionsDone, partitionCount, rowsDone, rowCount };
}

/** Whether the job has reached its final state. */
export function hasEnded({ status }: Pick<JobRecord, "status">): boolean {
  return status !== "queued" && status !== "running";
}
