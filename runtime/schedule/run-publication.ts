import { setTimeout as sleep } from "node:timers/promises";
import {
  type ErrorCode,
  errorCodeOf,
  type ErrorFacts,
  isErrorCode,
  messageOf,
  QuiverError,
} from "../../shared/errors/index.ts";
import type { PublishRequest } from "../../shared/protocol/invocation.ts";
import type { Jobs } from "../jobs/job.ts";
import { hasEnded, type JobView } from "../jobs/job-view.ts";

/** One publication of a run. */
export interface Publication {
  readonly request: PublishRequest;
  /** The same key names the same job, which is resumed after a restart. */
  readonly idempotencyKey: string;
  /** The id of the job, if one was submitted before. */
  readonly job: string | null;
}

/** How a publication ended. */
export interface PublicationEnding {
  /** `ok`, or the code of its error. */
  readonly outcome: "ok" | ErrorCode;
  readonly message: string | null;
  /** The facts of its error; empty when there is none. */
  readonly facts: ErrorFacts;
  readonly version: string | null;
  /** Whether a new version was published. */
  readonly created: boolean;
}

export type PublicationJobs = Pick<Jobs, "submit" | "find" | "watch">;

const RETRY_MS = 5_000;

/** Publishes as a job and resolves to how that ended; undefined when the server stops before. Never rejects. */
export async function runPublication(
  jobs: PublicationJobs,
  publication: Publication,
  onJob: (id: string) => void,
  signal: AbortSignal,
): Promise<PublicationEnding | undefined> {
  try {
    const { job } = publication;
    const id =
      job !== null && jobs.find(job) !== undefined ? job : await submitted(jobs, publication, signal);
    onJob(id);
    let last: JobView | undefined;
    for await (const view of jobs.watch(id, signal)) last = view;
    return last === undefined || !hasEnded(last) ? undefined : endingOf(last);
  } catch (error) {
    const code = errorCodeOf(error);
    if (signal.aborted || code === "stopping") return undefined;
    const facts = error instanceof QuiverError ? error.facts : {};
    return failed(code, messageOf(error), facts);
  }
}

/** Temporary refusals. */
const LATER: readonly unknown[] = ["jobs-busy", "data-dir-unwritable", "disk-full"];

/** Submits the job, and keeps trying while the queue or the disk is full: nobody waits for the answer. */
async function submitted(
  jobs: PublicationJobs,
  { request, idempotencyKey }: Publication,
  signal: AbortSignal,
): Promise<string> {
  for (;;) {
    try {
      return (await jobs.submit({ kind: "publish", request, idempotencyKey })).job.id;
    } catch (error) {
      if (!LATER.includes(errorCodeOf(error))) throw error;
      await sleep(RETRY_MS, undefined, { signal, ref: false });
    }
  }
}

function endingOf({ status, error, result }: JobView): PublicationEnding {
  const version = result?.version ?? null;
  if (status === "succeeded") {
    return {
      outcome: "ok",
      message: null,
      facts: {},
      version: version?.version ?? null,
      created: version?.created ?? false,
    };
  }
  const { code, detail, ...facts } = { code: undefined, detail: undefined, ...error };
  return failed(code, typeof detail === "string" ? detail : `The job ended as ${status}.`, facts);
}

function failed(code: unknown, message: string, facts: ErrorFacts = {}): PublicationEnding {
  const outcome = isErrorCode(code) ? code : "internal-error";
  return { outcome, message, facts, version: null, created: false };
}
