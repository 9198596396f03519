import type { SpooledResult } from "../invoke/invocation.ts";
import type { InvocationRequest, PublishRequest } from "../../shared/protocol/invocation.ts";
import type { JobFilter } from "../store/job-records.ts";
import type { JobView } from "./job-view.ts";

/** What is asked for. */
export type JobOrder = (
  | { readonly kind: "invoke"; readonly request: InvocationRequest; readonly body?: OrderedBody }
  | { readonly kind: "publish"; readonly request: PublishRequest }
) & {
  /** Among jobs, the higher the sooner; 0 when left out. No job is before a caller who waits. */
  readonly priority?: number;
  /** The same key and the same order give the same job. */
  readonly idempotencyKey?: string;
  /** Compute although equal results are kept. */
  readonly recompute?: boolean;
};

/** An uploaded Arrow body; the job takes the file over. */
export interface OrderedBody {
  readonly input: string | null;
  readonly path: string;
}

/** Asynchronous invocations: they outlive their callers and the server. */
export interface Jobs {
  /** Takes an order; `created` is false where its key stands for a job already. */
  submit(order: JobOrder): Promise<{ readonly job: JobView; readonly created: boolean }>;
  find(id: string): JobView | undefined;
  /** Newest first. */
  list(filter: JobFilter): JobView[];
  /** The last of what its handlers printed. */
  log(id: string): string;
  /** Cancels a job and resolves when nothing of it runs; one that has ended stays as it is. */
  cancel(id: string): Promise<JobView | undefined>;
  /** How it stands now, and again whenever that changes; ends with the job, or with the server. */
  watch(id: string, signal: AbortSignal): AsyncIterable<JobView>;
  /** The unpublished rows of a job that succeeded; `result-gone` when they were not kept any longer. */
  openResult(id: string): Promise<SpooledResult>;
  /** Jobs at work now. */
  readonly runningCount: number;
  /** Takes jobs from now on, and goes on with those an earlier server left. */
  start(): void;
  /** Stops what runs, to be gone on with at the next start; resolves when nothing runs. */
  stop(): Promise<void>;
  close(): void;
}
