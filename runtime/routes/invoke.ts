import { QuiverError } from "../../shared/errors/index.ts";
import { negotiateFormat } from "../formats/media-types.ts";
import type { JobOrder } from "../jobs/job.ts";
import { PRIORITY } from "../process/priority.ts";
import { answerJob, prefersJob, refuseDelivery, refuseJobWords } from "./answer-job.ts";
import { answerPublish } from "./answer-publish.ts";
import { answerRows, RESULT_MEDIA_TYPES } from "./answer-rows.ts";
import { parseFields } from "./fields.ts";
import { functionAt } from "./functions.ts";
import { publishRequestOf, requestOf, selectionOfQuery } from "./invocation-request.ts";
import { JobAnswer } from "./job-schemas.ts";
import { jsonResponse } from "./json-response.ts";
import { type BodyKind, bodyKind, readJson, type SpooledBody, spoolBody } from "./request-body.ts";
import { InvocationBody, InvocationHeaders, InvocationQuery, isOn } from "./request-schemas.ts";
import type { RouteCall, Router } from "./router.ts";
import type { Services } from "./services.ts";

/** `POST /functions/{name}`: invoke, or publish. */
export function addInvokeRoute(router: Router, services: Services): void {
  router.add(
    {
      method: "post",
      path: "/functions/{name}",
      summary: "Invoke a function, or publish its result",
      query: InvocationQuery,
      headers: InvocationHeaders,
      body: {
        json: InvocationBody,
        mediaTypes: ["application/vnd.apache.arrow.stream", "application/vnd.apache.arrow.file"],
      },
      answers: {
        200: {
          what: "the result; with ?explain=1 the plan; the existing version, when publishing",
          mediaTypes: RESULT_MEDIA_TYPES,
        },
        202: {
          what: "with `Prefer: respond-async` the job, whose state is at its Location",
          mediaTypes: ["application/json"],
          json: JobAnswer,
        },
        201: { what: "the manifest of the published version", mediaTypes: ["application/json"] },
        304: { what: "the client holds this result already", mediaTypes: [] },
      },
    },
    (call) => invoke(call, services),
  );
}

type InvokeCall = RouteCall<InvocationQuery, "/functions/{name}">;

async function invoke(call: InvokeCall, services: Services): Promise<Response> {
  const { request, name, query } = call;
  const isExplained = isOn(query.explain);
  // A plan is made at once, so it never becomes a job.
  const isJob = prefersJob(request) && !isExplained;
  if (isJob) refuseDelivery(query);
  else refuseJobWords(request, query);
  const kind = bodyKind(request, ["json", "arrow"]);
  const entry = await functionAt(services, name);
  const { limit, stream } = query;
  const format = isExplained || isJob ? "json" : negotiateFormat(request.headers.get("Accept"), query.format);
  const { signal, end } = services.lifecycle.begin(request.signal);
  let body: SpooledBody | undefined;
  const finish = async () => {
    end();
    await body?.remove();
  };
  try {
    if (kind === "arrow") {
      body = await spoolBody(request, services.uploadDir, services.settings.arrowBodyBytesMax);
    }
    const order = body === undefined ? await orderOfJson(call, kind, services) : orderOfBody(call, body);
    if (isJob) {
      // A refusal that is certain already must not wait for the job to fail.
      await services.catalog.resolve(entry, order.request.params ?? {});
      const response = await answerJob(services, request, query, order);
      await finish();
      return response;
    }
    const { kind: _, request: asked, ...given } = order;
    const options = { ...given, signal, onLog: services.onAuthorOutput };
    if (isExplained) {
      const plan = await services.invoker.explain(asked, options);
      await finish();
      return jsonResponse(request, plan);
    }
    if (order.kind === "publish") {
      const publishing = { ...options, priority: PRIORITY.publish };
      return await answerPublish(services, request, order.request, publishing, finish);
    }
    return await answerRows(services, { request, format, limit, stream, invocation: asked, options, finish });
  } catch (error) {
    await finish();
    throw error;
  }
}

/** An Arrow body holds the rows of one input; the selection is in the query. */
function orderOfBody({ request, name, query }: InvokeCall, { path }: SpooledBody): JobOrder {
  const body = { input: query.input ?? null, path };
  return { kind: "invoke", request: selectionOfQuery(name, query), body, recompute: wantsRecompute(request) };
}

/** A JSON body holds the whole request; without a body every field has its default. */
async function orderOfJson(
  { request, name, query }: InvokeCall,
  kind: BodyKind,
  { settings }: Services,
): Promise<JobOrder> {
  refuseSelection(query);
  const given = kind === "none" ? {} : await readJson(request, settings.jsonBodyBytesMax);
  const { publish = false, ...selection } = parseFields(InvocationBody, given, "in the body");
  const invocation = requestOf(name, selection);
  const recompute = wantsRecompute(request);
  if (publish === false) return { kind: "invoke", request: invocation, recompute };
  const publication = publishRequestOf(invocation, publish === true ? {} : publish);
  return { kind: "publish", request: publication, recompute };
}

function wantsRecompute(request: Request): boolean {
  return /\bno-cache\b/i.test(request.headers.get("Cache-Control") ?? "");
}

/** With a JSON body the selection belongs in the body: given in two places it could differ. */
function refuseSelection(query: InvocationQuery): void {
  const field = (["params", "input", "symbols", "from", "to"] as const).find(
    (name) => query[name] !== undefined,
  );
  if (field === undefined) return;
  const expected = field === "input" ? '"inputs" in the body, or an Arrow body' : "it in the JSON body";
  throw new QuiverError(
    "request-malformed",
    `Cannot take ${JSON.stringify(field)} in the query of this request: expected ${expected}.`,
    { field, expected },
  );
}
