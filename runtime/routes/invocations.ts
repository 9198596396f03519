import { defined } from "../../shared/defined.ts";
import { errorCodeOf, QuiverError } from "../../shared/errors/index.ts";
import { negotiateFormat } from "../formats/media-types.ts";
import { hasEnded } from "../jobs/job-view.ts";
import type { InvocationRecord } from "../store/control-database.ts";
import { answerJobResult } from "./answer-job-result.ts";
import { RESULT_MEDIA_TYPES } from "./answer-rows.ts";
import { bodyStream } from "./body-stream.ts";
import { END_EVENT_ID, jobEvents } from "./job-events.ts";
import { InvocationAnswer, InvocationsAnswer } from "./job-schemas.ts";
import { jsonResponse } from "./json-response.ts";
import { InvocationsQuery, isOn, NoQuery, ResultQuery } from "./request-schemas.ts";
import type { Router } from "./router.ts";
import type { Services } from "./services.ts";

const SHOWN_ROWS = 100;
const EVENT_STREAM = "text/event-stream";

/** What was invoked, what is being computed, and how it ended. */
export function addInvocationRoutes(router: Router, services: Services): void {
  router.add(
    {
      method: "get",
      path: "/invocations",
      summary: "Jobs, and calls that have ended, newest first; with ?jobs=1 only jobs",
      query: InvocationsQuery,
      answers: {
        200: { what: "the invocations", mediaTypes: ["application/json"], json: InvocationsAnswer },
      },
    },
    async ({ request, query }) => {
      const invocations = listed(services, query);
      if (invocations.length === 0) await refuseUnknownFunction(services, query.function);
      return jsonResponse(request, { invocations });
    },
  );
  router.add(
    {
      method: "get",
      path: "/invocations/{id}",
      summary: "One job or call: request, status, progress, outcome, timings by stage, rows, bytes, memory",
      query: NoQuery,
      answers: {
        200: { what: "the invocation", mediaTypes: ["application/json"], json: InvocationAnswer },
      },
    },
    ({ request, id }) => jsonResponse(request, invocationAt(services, id)),
  );
  router.add(
    {
      method: "delete",
      path: "/invocations/{id}",
      summary: "Cancel a job; one that has ended stays as it is",
      query: NoQuery,
      answers: {
        200: { what: "the invocation as it ended", mediaTypes: ["application/json"], json: InvocationAnswer },
      },
    },
    async ({ request, id }) => {
      await services.jobs.cancel(id);
      return jsonResponse(request, invocationAt(services, id));
    },
  );
  router.add(
    {
      method: "get",
      path: "/invocations/{id}/events",
      summary: "A job as server-sent events: its state now and after every change, then its end",
      query: NoQuery,
      answers: {
        200: { what: "events `progress` and `end`", mediaTypes: [EVENT_STREAM] },
        204: { what: "the client has seen the end, and a browser stops reconnecting", mediaTypes: [] },
      },
    },
    ({ request, id }) => {
      const found = invocationAt(services, id);
      if (request.headers.get("Last-Event-ID") === END_EVENT_ID) return new Response(null, { status: 204 });
      const { jobs } = services;
      const isJob = jobs.find(id) !== undefined;
      const events = jobEvents({
        watch: (signal) => (isJob ? jobs.watch(id, signal) : only(found)),
        hasEnded,
      });
      const headers = { "Content-Type": EVENT_STREAM, "Cache-Control": "no-store" };
      return new Response(
        bodyStream(events, () => undefined),
        { headers },
      );
    },
  );
  router.add(
    {
      method: "get",
      path: "/invocations/{id}/result",
      summary: "The rows of a job, in any format, or the manifest it published; 410 when they have expired",
      query: ResultQuery,
      answers: { 200: { what: "the rows, or the manifest", mediaTypes: RESULT_MEDIA_TYPES } },
    },
    ({ request, id, query }) => {
      const format = negotiateFormat(request.headers.get("Accept"), query.format);
      const job = services.jobs.find(id);
      if (job !== undefined) return answerJobResult(services, request, job, format, query.limit);
      const { function: name } = invocationAt(services, id);
      throw new QuiverError(
        "result-gone",
        `The call ${id} of ${JSON.stringify(name)} was answered directly: only jobs keep their results. Send the request again with "Prefer: respond-async".`,
        { id },
      );
    },
  );
  router.add(
    {
      method: "get",
      path: "/invocations/{id}/logs",
      summary: "The end of what the handlers of a job or call printed",
      query: NoQuery,
      answers: { 200: { what: "text", mediaTypes: ["text/plain"] } },
    },
    ({ id }) => {
      const isJob = services.jobs.find(id) !== undefined;
      const text = isJob ? services.jobs.log(id) : callAt(services, id).logTail;
      return new Response(text, {
        headers: { "Content-Type": "text/plain; charset=utf-8", "Cache-Control": "no-store" },
      });
    },
  );
}

/** A job with the record of its last attempt, or a call that has ended. */
function invocationAt(services: Services, id: string) {
  const job = services.jobs.find(id);
  const call = services.control.find(id);
  return job === undefined ? ofCall(call ?? callAt(services, id)) : { ...call, ...job };
}

function callAt({ control }: Services, id: string): InvocationRecord {
  const found = control.find(id);
  if (found !== undefined) return found;
  throw new QuiverError(
    "not-found",
    `Cannot find the invocation ${JSON.stringify(id)}: there is no such job, and no call with that id has ended. GET /invocations lists what there is.`,
    { id },
  );
}

function ofCall(call: InvocationRecord) {
  return { ...call, status: statusOf(call.outcome) };
}

function statusOf(outcome: string) {
  if (outcome === "ok") return "succeeded" as const;
  return outcome === "invocation-cancelled" ? ("cancelled" as const) : ("failed" as const);
}

/** Refuses a name that no function has, which is most likely mistyped: an empty list would not say so. */
async function refuseUnknownFunction({ catalog }: Services, name: string | undefined): Promise<void> {
  if (name === undefined) return;
  await catalog.get(name).catch((error: unknown) => {
    if (errorCodeOf(error) === "unknown-function") throw error;
  });
}

function listed({ jobs, control }: Services, query: InvocationsQuery): unknown[] {
  const { status, outcome, limit = SHOWN_ROWS } = query;
  const ofFunction = defined({ function: query.function });
  // Only calls have an outcome.
  const found = outcome === undefined ? jobs.list({ ...ofFunction, ...defined({ status }), limit }) : [];
  const isOfCalls = status !== "queued" && status !== "running" && !isOn(query.jobs);
  const calls = isOfCalls
    ? control.list({ ...ofFunction, ...defined({ outcome }), ...defined({ status }), limit })
    : [];
  const all = [
    ...found.map((job) => ({ at: job.createdAt, value: { ...job } })),
    ...calls
      .filter(({ id }) => outcome !== undefined || jobs.find(id) === undefined)
      .map((call) => ({ at: call.startedAt, value: ofCall(call) })),
  ];
  return all
    .toSorted((a, b) => (a.at < b.at ? 1 : a.at > b.at ? -1 : 0))
    .slice(0, limit)
    .map(({ value }) => value);
}

async function* only<T>(value: T): AsyncGenerator<T> {
  yield value;
}
