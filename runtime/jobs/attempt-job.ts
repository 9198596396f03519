import { QuiverError } from "../../shared/errors/index.ts";
import type { InvokeOptions, Invoker } from "../invoke/invocation.ts";
import type { JobRecord, JobResult } from "../store/job-records.ts";
import type { JobResultStore } from "./job-results.ts";

export interface AttemptJobDeps {
  readonly results: JobResultStore;
  readonly invoker: Pick<Invoker, "invoke" | "publish">;
  readonly resultKeptMs: number;
  readonly now: () => Date;
}

/** Runs a job once. It reuses the partitions that earlier attempts finished. */
export async function attemptJob(
  job: JobRecord,
  options: InvokeOptions,
  { results, invoker, resultKeptMs, now }: AttemptJobDeps,
): Promise<JobResult> {
  if (job.kind === "publish") {
    const { facts, manifest, created } = await invoker.publish(job.request, options);
    const { dataset, name, version, rowChecksum, rowCount } = manifest;
    const { fingerprint, timings } = facts;
    const published = { dataset, name, version, rowChecksum, created };
    return { fingerprint, rowCount, timings, expiresAt: null, version: published };
  }
  const body = job.body === null ? {} : { body: { ...job.body, path: bodyOf(job, results) } };
  const result = await invoker.invoke(job.request, { ...options, ...body });
  try {
    await results.keep(job.id, result);
  } finally {
    await result.release();
  }
  const { fingerprint, rowCount, timings } = result.facts;
  const expiresAt = new Date(now().getTime() + resultKeptMs).toISOString();
  return { fingerprint, rowCount, timings, expiresAt, version: null };
}

function bodyOf({ id }: JobRecord, results: JobResultStore): string {
  const path = results.body(id);
  if (path !== undefined) return path;
  throw new QuiverError(
    "result-gone",
    `Cannot run the job ${id}: the Arrow body it came with is no longer in the spool. Send it again.`,
    { id },
  );
}
