import type { InvocationProgress } from "../../shared/protocol/invocation.ts";
import type { JobRecord } from "../store/job-records.ts";
import { NO_RATE, type ProgressMeter, type Rate } from "./progress-meter.ts";

/** A job as its caller sees it. */
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
  /** Jobs of its kind, small or not, whose turn is before this one; null when it does not wait. */
  readonly queuedBefore: number | null;
  readonly progress: JobProgress | null;
  readonly result:
    | (NonNullable<JobRecord["result"]> & {
        /** Where it is; null when it was not kept any longer. */
        readonly url: string | null;
      })
    | null;
}

export interface JobProgress extends Omit<InvocationProgress, "rowsFound">, Rate {}

/** Where a job answers. */
export function jobUrl(id: string): string {
  return `/invocations/${id}`;
}

export interface ViewFacts {
  readonly queuedBefore: number | null;
  /** While it runs. */
  readonly meter: ProgressMeter | undefined;
  /** Whether the rows of one that was not to publish are still there. */
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

/** Whether nothing will happen to it any more. */
export function hasEnded({ status }: Pick<JobRecord, "status">): boolean {
  return status !== "queued" && status !== "running";
}
