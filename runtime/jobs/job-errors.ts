import { QuiverError } from "../../shared/errors/index.ts";
import type { JobRecord } from "../store/job-records.ts";

export function keyReused({ id, idempotencyKey }: JobRecord): QuiverError {
  return new QuiverError(
    "idempotency-key-reused",
    `Cannot take the job: the idempotency key ${JSON.stringify(idempotencyKey)} stands for another request, that of the job ${id}. Use a key of its own for every request.`,
    { id, idempotencyKey },
  );
}

export function busy(queueSizeMax: number, waitMs: number): QuiverError {
  return new QuiverError(
    "jobs-busy",
    `Cannot take the job: ${queueSizeMax} jobs wait already, which is the limit. Try again later, or raise --job-queue-size-max.`,
    { expected: queueSizeMax, retryAfterMs: waitMs },
  );
}

export function abandoned({ id }: JobRecord, crashes: number): QuiverError {
  return new QuiverError(
    "job-abandoned",
    `The job ${id} was given up: the server died ${crashes} times while it ran. Find out why before it is asked for again; --job-crashes-max allows more.`,
    { id, crashes },
  );
}

export function gone(id: string, expiresAt: string | null, now: Date): QuiverError {
  const isOver = expiresAt !== null && Date.parse(expiresAt) <= now.getTime();
  const why = isOver
    ? `it was kept until ${expiresAt} at most. Ask for it again; --job-result-kept-ms keeps results longer.`
    : "newer ones grew beyond --job-result-bytes, or the spool was emptied. Ask for it again.";
  return new QuiverError("result-gone", `The result of the job ${id} is not kept any longer: ${why}`, {
    id,
    expiresAt,
  });
}

export function cancelled({ function: name }: JobRecord): QuiverError {
  return new QuiverError("invocation-cancelled", `The job of ${JSON.stringify(name)} was cancelled.`);
}
