import { defined } from "../../shared/defined.ts";
import { QuiverError } from "../../shared/errors/index.ts";
import type { JobOrder } from "../jobs/job.ts";
import { hasEnded, jobUrl } from "../jobs/job-view.ts";
import { jsonResponse } from "./json-response.ts";
import type { InvocationQuery } from "./request-schemas.ts";
import type { Services } from "./services.ts";

const KEY_LENGTH_MAX = 255;

/** Whether the caller prefers a job to waiting (RFC 7240). */
export function prefersJob(request: Request): boolean {
  return /(^|,)\s*respond-async\s*(,|;|$)/i.test(request.headers.get("Prefer") ?? "");
}

/** Submits the order, and answers with the job and its location; 202 until it has ended. */
export async function answerJob(
  { jobs }: Services,
  request: Request,
  query: InvocationQuery,
  order: JobOrder,
): Promise<Response> {
  const key = idempotencyKeyOf(request);
  const { job } = await jobs.submit({
    ...order,
    ...defined({ priority: query.priority, idempotencyKey: key }),
  });
  const response = jsonResponse(request, job, hasEnded(job) ? 200 : 202);
  response.headers.set("Location", jobUrl(job.id));
  response.headers.set("Preference-Applied", "respond-async");
  return response;
}

/** Refuses fields about the delivery of rows, which belong to the request for the result. */
export function refuseDelivery(query: InvocationQuery): void {
  const field = (["format", "limit", "stream"] as const).find((name) => query[name] !== undefined);
  if (field === undefined) return;
  throw new QuiverError(
    "request-malformed",
    `Cannot take ${JSON.stringify(field)} in the query of a request with "Prefer: respond-async": expected ${field === "stream" ? "none" : "it in the query of GET /invocations/{id}/result"}.`,
    { field },
  );
}

/** Refuses a priority and an idempotency key on a request that is not a job. */
export function refuseJobWords(request: Request, { priority }: InvocationQuery): void {
  if (request.headers.has("Idempotency-Key")) {
    throw new QuiverError(
      "request-malformed",
      'Cannot take the header Idempotency-Key with this request: it is for jobs. Send the header "Prefer: respond-async" with it, or leave it out: the same request gives the same rows.',
      { field: "Idempotency-Key" },
    );
  }
  if (priority === undefined) return;
  throw new QuiverError(
    "request-malformed",
    'Cannot take "priority" in the query of this request: it is for jobs. Send the header "Prefer: respond-async" with it.',
    { field: "priority" },
  );
}

function idempotencyKeyOf(request: Request): string | undefined {
  const key = request.headers.get("Idempotency-Key") ?? undefined;
  if (key === undefined || (key.trim() !== "" && key.length <= KEY_LENGTH_MAX)) return key;
  throw new QuiverError(
    "request-malformed",
    `Cannot take the header Idempotency-Key: given ${key.length} characters, expected 1 to ${KEY_LENGTH_MAX}.`,
    { field: "Idempotency-Key", given: key.slice(0, 80) },
  );
}
