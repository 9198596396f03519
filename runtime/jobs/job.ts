import type { SpooledResult } from "../invoke/invocation.ts";
import type { InvocationRequest, PublishRequest } from "../../shared/protocol/invocation.ts";
import type { JobFilter } from "../store/job-records.ts";
import type { JobView } from "./job-view.ts";

/** A request to run something as a job. */
export type JobOrder = (
  | { readonly kind: "invoke"; readonly request: InvocationRequest; readonly body?: OrderedBody }
  | { readonly kind: "publish"; readonly request: PublishRequest }
) & {
  /** The priority among jobs; higher ones run first, the default is 0. Callers who wait come before all jobs. */
  readonly priority?: number;
  /** An order with the same key and content gives the same job. */
  readonly idempotencyKey?: string;
  /** Compute even if equal results are cached. */
  readonly recompute?: boolean;
};

/** An uploaded Arrow body; the job takes ownership of the file. */
export interface OrderedBody {
  readonly input: string | null;
  readonly path: string;
}

/** Asynchronous invocations: they outlive their callers and the server. */
export interface Jobs {
  /** Takes an order; `created` is false when its key already names a job. */
  submit(order: JobOrder): Promise<{ readonly job: JobView; readonly created: boolean }>;
  find(id: string): JobView | undefined;
  /** Newest first. */
  list(filter: JobFilter): JobView[];
  /** The end of what its handlers printed. */
  log(id: string): string;
  /** Cancels a job and resolves when nothing of it runs. A finished job stays as it is. */
  cancel(id: string): Promise<JobView | undefined>;
  /** Yields a job as it is now, and again after each change; ends with the job, or with the server. */
  watch(id: string, signal: AbortSignal): AsyncIterable<JobView>;
  /** The unpublished rows of a job that succeeded; rejects with `result-gone` when they have expired. */
  openResult(id: string): Promise<SpooledResult>;
  /** The number of running jobs. */
  readonly runningCount: number;
  /** Starts taking jobs, and resumes those that an earlier server left. */
  start(): void;
  /** Stops running jobs, which resume at the next start; resolves when nothing runs. */
  stop(): Promise<void>;
  close(): void;
}
