import { z } from "zod";
import type { JobView } from "../jobs/job-view.ts";
import type { InvocationRecord } from "../store/control-database.ts";
import { JOB_STATUSES } from "../store/job-status.ts";
import { InvocationBody } from "./request-schemas.ts";

const time = z.string().describe("an ISO time");
const count = z.int().min(0);
const timings = z.array(z.object({ stage: z.string(), milliseconds: z.number() }));

/** Problem details, RFC 9457. */
const Problem = z.looseObject({
  type: z.string(),
  title: z.string(),
  status: z.int(),
  code: z.string(),
  detail: z.string(),
});

const Asked = InvocationBody.omit({ publish: true }).extend({
  function: z.string(),
  as: z.string().optional(),
  replace: z.boolean().optional(),
  codec: z.enum(["zstd", "uncompressed"]).optional(),
  compressionLevel: z.int().optional(),
});

const Progress = z.object({
  stage: z.string().describe("what runs now"),
  partitionsDone: count,
  partitionCount: count,
  rowsDone: count,
  rowCount: count.describe("over all functions that run"),
  rowsPerSecond: z.number().nullable(),
  secondsLeft: z.number().nullable(),
});

const Result = z.object({
  fingerprint: z.string(),
  rowCount: count,
  timings,
  expiresAt: time.nullable().describe("when unpublished rows expire"),
  version: z
    .object({
      dataset: z.string(),
      name: z.string(),
      version: z.string(),
      rowChecksum: z.string(),
      created: z.boolean(),
    })
    .nullable(),
  url: z.string().nullable().describe("null once the rows have expired"),
});

/** A job, in every answer that has one. */
export const JobAnswer = z.object({
  id: z.string(),
  function: z.string(),
  dataset: z.string().nullable(),
  kind: z.enum(["invoke", "publish"]),
  status: z.enum(JOB_STATUSES),
  priority: z.int(),
  isSmall: z.boolean(),
  createdAt: time,
  startedAt: time.nullable(),
  endedAt: time.nullable(),
  attempts: count,
  queuedBefore: count.nullable(),
  cancelRequested: z.boolean(),
  progress: Progress.nullable(),
  error: Problem.nullable(),
  result: Result.nullable(),
  request: Asked,
}) satisfies z.ZodType<Omit<JobView, "request">>;

/** A call that has ended. */
const CallAnswer = z.object({
  id: z.string(),
  function: z.string(),
  dataset: z.string().nullable(),
  kind: z.enum(["invoke", "publish"]),
  status: z.enum(["succeeded", "failed", "cancelled"]),
  outcome: z.string().describe("`ok`, or an error code"),
  message: z.string().nullable(),
  startedAt: time,
  durationMs: z.number(),
  rowCount: count,
  bytesRead: count,
  peakMemoryBytes: count,
  fingerprint: z.string().nullable(),
  timings,
  request: Asked,
  logTail: z.string(),
}) satisfies z.ZodType<InvocationRecord>;

/** The answer of `/invocations/{id}`: a job with the record of its last attempt, or a call. */
export const InvocationAnswer = z.union([
  JobAnswer.extend(CallAnswer.partial().shape).extend(JobAnswer.shape),
  CallAnswer,
]);

export const InvocationsAnswer = z.object({ invocations: z.array(z.union([JobAnswer, CallAnswer])) });
