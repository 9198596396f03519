import { QuiverError } from "../../shared/errors/index.ts";
import type { JobRecord } from "../store/job-records.ts";

export function keyReused({ id, idempotencyKey }: JobRecord): QuiverError {
  return new QuiverError(
    "idempotency-key-reused",
    `Cannot take the job: the idempotency key ${JSON.stringify(idempotencyKey)} belongs to the job ${id}, whose request was different. Use a new key for every request.`,
    { id, idempotencyKey },
  );
}

export function busy(queueSizeMax: number, waitMs: number): QuiverError {
  return new QuiverError(
    "jobs-busy",
    `Cannot take the job: ${queueSizeMax === 1 ? "one job is" : `${queueSizeMax} jobs are`} queued already, which is the limit. Try again later, or raise --job-queue-size-max.`,
    { expected: queueSizeMax, retryAfterMs: waitMs },
  );
}

export function abandoned({ id }: JobRecord, crashes: number): QuiverError {
  return new QuiverError(
    "job-abandoned",
    `Gave up the job ${id}: the server died ${crashes} times while it ran. Find the cause before you submit it again, or raise --job-crashes-max.`,
    { id, crashes },
  );
}

export function gone(id: string, expiresAt: string | null, now: Date): QuiverError {
  const isOver = expiresAt !== null && Date.parse(expiresAt) <= now.getTime();
  const why = isOver
    ? `has expired: it was kept until ${expiresAt}. Submit the job again; --job-result-kept-ms keeps results longer.`
    : "was removed: newer results exceeded --job-result-bytes, or the spool was emptied. Submit the job again.";
  return new QuiverError("result-gone", `The result of the job ${id} ${why}`, {
    id,
    expiresAt,
  });
}

export function cancelled({ function: name }: JobRecord): QuiverError {
  return new QuiverError("invocation-cancelled", `The job of ${JSON.stringify(name)} was cancelled.`);
}
