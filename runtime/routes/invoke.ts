import { QuiverError } from "../../shared/errors/index.ts";
import { negotiateFormat } from "../formats/media-types.ts";
import { PRIORITY } from "../process/priority.ts";
import { answerJob, prefersJob, refuseDelivery, refuseJobWords } from "./answer-job.ts";
import { answerPublish } from "./answer-publish.ts";
import { answerRows, RESULT_MEDIA_TYPES } from "./answer-rows.ts";
import { parseFields } from "./fields.ts";
import { functionAt } from "./functions.ts";
import { publishRequestOf, requestOf, selectionOfQuery } from "./invocation-request.ts";
import { JobAnswer } from "./job-schemas.ts";
import { jsonResponse } from "./json-response.ts";
import { wantsProgress } from "./progress-lines.ts";
import { bodyKind, readJson, type SpooledBody, spoolBody } from "./request-body.ts";
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
          what: "the result; with ?explain=1 the plan; the version that already was, when publishing",
          mediaTypes: RESULT_MEDIA_TYPES,
        },
        202: {
          what: "with `Prefer: respond-async` the job, to be asked after at its Location",
          mediaTypes: ["application/json"],
          json: JobAnswer,
        },
        201: { what: "the manifest of the published version", mediaTypes: ["application/json"] },
        304: { what: "the caller holds this result already", mediaTypes: [] },
      },
    },
    (call) => invoke(call, services),
  );
}

type InvokeCall = RouteCall<InvocationQuery>;

async function invoke(call: InvokeCall, services: Services): Promise<Response> {
  const { request, name, query } = call;
  // A plan is made at once: that is no job.
  const isJob = prefersJob(request) && !isOn(query.explain);
  if (isJob) refuseDelivery(query);
  else refuseJobWords(request, query);
  const kind = bodyKind(request, ["json", "arrow"]);
  const entry = await functionAt(services, name);
  const format =
    isOn(query.explain) || isJob ? "json" : negotiateFormat(request.headers.get("Accept"), query.format);
  const { signal, end } = services.lifecycle.begin(request.signal);
  const recompute = /\bno-cache\b/i.test(request.headers.get("Cache-Control") ?? "");
  const common = { signal, recompute, onLog: services.onAuthorOutput };
  let body: SpooledBody | undefined;
  let streaming = false;
  const finish = async () => {
    end();
    await body?.remove();
  };
  try {
    if (kind === "arrow") {
      body = await spoolBody(request, services.uploadDir, services.settings.arrowBodyBytesMax);
      const invocation = selectionOfQuery(name, query);
      if (isJob) {
        await services.catalog.resolve(entry, invocation.params ?? {});
        const given = { input: query.input ?? null, path: body.path };
        return await answerJob(services, request, query, {
          kind: "invoke",
          request: invocation,
          body: given,
          recompute,
        });
      }
      const options = { ...common, body: { input: query.input ?? null, path: body.path } };
      if (isOn(query.explain))
        return jsonResponse(request, await services.invoker.explain(invocation, options));
      const response = await answerRows(services, request, format, query, invocation, options, finish);
      streaming = response.body !== null;
      return response;
    }
    refuseSelection(query);
    const given = kind === "none" ? {} : await readJson(request, services.settings.jsonBodyBytesMax);
    const { publish, ...selection } = parseFields(InvocationBody, given, "in the body");
    const invocation = requestOf(name, selection);
    const publishing =
      publish === undefined || publish === false ? undefined : publish === true ? {} : publish;
    const publication = publishing === undefined ? undefined : publishRequestOf(invocation, publishing);
    if (isJob) {
      // What can be told at once is not left to be found in a job that failed.
      await services.catalog.resolve(entry, invocation.params ?? {});
      const order =
        publication === undefined
          ? ({ kind: "invoke", request: invocation, recompute } as const)
          : ({ kind: "publish", request: publication, recompute } as const);
      return await answerJob(services, request, query, order);
    }
    if (isOn(query.explain)) {
      return jsonResponse(request, await services.invoker.explain(publication ?? invocation, common));
    }
    if (publication !== undefined) {
      const response = await answerPublish(
        services,
        request,
        publication,
        { ...common, priority: PRIORITY.publish },
        finish,
      );
      streaming = wantsProgress(request);
      return response;
    }
    const response = await answerRows(services, request, format, query, invocation, common, finish);
    streaming = response.body !== null;
    return response;
  } finally {
    if (!streaming) await finish();
  }
}

/** With a JSON body the selection stands in the body: in two places it could differ. */
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
