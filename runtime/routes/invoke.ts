import { QuiverError } from "../../shared/errors/index.ts";
import { negotiateFormat, RESULT_FORMATS, type ResultFormat } from "../formats/media-types.ts";
import type {
  InvocationFacts,
  InvocationRequest,
  InvokeOptions,
  PublishRequest,
  SpooledResult,
} from "../invoke/invocation.ts";
import { arrowBody, earlyArrowBody } from "./arrow-body.ts";
import { bodyStream } from "./body-stream.ts";
import { parseFields } from "./fields.ts";
import { functionAt } from "./functions.ts";
import { holds, jsonResponse } from "./json-response.ts";
import { bodyKind, readJson, type SpooledBody, spoolBody } from "./request-body.ts";
import { InvocationBody, InvocationQuery, isOn } from "./request-schemas.ts";
import type { RouteCall, Router } from "./router.ts";
import { optional, paramsOf, symbolsOf } from "./selection.ts";
import type { Services } from "./services.ts";

const MEDIA_TYPES = Object.values(RESULT_FORMATS).map((format) => format.mediaType);

/** `POST /functions/{name}`: invoke, or publish. */
export function addInvokeRoute(router: Router, services: Services): void {
  router.add(
    {
      method: "post",
      path: "/functions/{name}",
      summary: "Invoke a function, or publish its result",
      query: InvocationQuery,
      body: {
        json: InvocationBody,
        mediaTypes: ["application/vnd.apache.arrow.stream", "application/vnd.apache.arrow.file"],
      },
      answers: {
        200: {
          what: "the result; with ?explain=1 the plan; the version that already was, when publishing",
          mediaTypes: MEDIA_TYPES,
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
  refuseUnsupported(request);
  const kind = bodyKind(request, ["json", "arrow"]);
  await functionAt(services, name);
  const format = isOn(query.explain) ? "json" : negotiateFormat(request.headers.get("Accept"), query.format);
  const end = services.lifecycle.begin();
  const signal = AbortSignal.any([request.signal, services.lifecycle.signal]);
  const common = { signal, onLog: services.onAuthorOutput };
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
      const options = { ...common, body: { input: query.input ?? null, path: body.path } };
      if (isOn(query.explain))
        return jsonResponse(request, await services.invoker.explain(invocation, options));
      const response = await answer(services, request, format, query, invocation, options, finish);
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
    if (isOn(query.explain)) {
      return jsonResponse(request, await services.invoker.explain(publication ?? invocation, common));
    }
    if (publication !== undefined) {
      const { facts, manifest, created } = await services.invoker.publish(publication, common);
      const response = jsonResponse(request, { ...manifest, created }, created ? 201 : 200);
      response.headers.set("Server-Timing", serverTiming(facts));
      response.headers.set("Quiver-Invocation", facts.id);
      const place = `/datasets/${manifest.dataset}/features/${manifest.name}`;
      response.headers.set("Location", place);
      return response;
    }
    const response = await answer(services, request, format, query, invocation, common, finish);
    streaming = response.body !== null;
    return response;
  } finally {
    if (!streaming) await finish();
  }
}

/** Runs the function and answers with its rows; `finish` is called when the last of them has gone out. */
async function answer(
  services: Services,
  request: Request,
  format: ResultFormat,
  { limit, stream }: Pick<InvocationQuery, "limit" | "stream">,
  invocation: InvocationRequest,
  options: InvokeOptions & { readonly signal: AbortSignal },
  finish: () => Promise<void>,
): Promise<Response> {
  if (request.headers.has("If-None-Match")) {
    const { fingerprint } = await services.invoker.explain(invocation, options);
    const etag = `"${fingerprint}"`;
    if (holds(request, etag))
      return new Response(null, { status: 304, headers: { ETag: etag, Vary: "Accept" } });
  }
  if (stream === "early") return answerEarly(services, format, limit, invocation, options, finish);
  const result = await services.invoker.invoke(invocation, options);
  const release = async () => {
    await result.release();
    await finish();
  };
  const headers = resultHeaders(result, format);
  try {
    if (format === "arrow.stream" || format === "arrow.file") {
      refuseOverLimit(result, limit ?? null, format);
      const { byteLength, chunks } = arrowBody(result, format === "arrow.file" ? "file" : "stream");
      headers.set("Content-Length", String(byteLength));
      return new Response(bodyStream(chunks, release), { headers });
    }
    const rowCountMax = rowCountMaxOf(format, limit, services);
    refuseOverLimit(result, rowCountMax, format);
    const chunks = await services.formats.write(result, { format, rowCountMax, signal: options.signal });
    return new Response(bodyStream(chunks, release), { headers });
  } catch (error) {
    await result.release();
    throw error;
  }
}

/** Partitions go out as they finish. A failure after the first byte resets the connection: it never ends cleanly. */
async function answerEarly(
  services: Services,
  format: ResultFormat,
  limit: number | undefined,
  invocation: InvocationRequest,
  options: InvokeOptions & { readonly signal: AbortSignal },
  finish: () => Promise<void>,
): Promise<Response> {
  if (format !== "arrow.stream" || limit !== undefined) {
    const given = limit === undefined ? format : `limit=${limit}`;
    throw new QuiverError(
      "request-malformed",
      `Cannot stream partitions as they finish with ${given}: expected the format arrow.stream and no limit. Leave out "stream=early", or ask for that format.`,
      { field: "stream", given, expected: "arrow.stream" },
    );
  }
  const result = await services.invoker.stream(invocation, options);
  const headers = {
    "Content-Type": RESULT_FORMATS[format].mediaType,
    ETag: `"${result.fingerprint}"`,
    Vary: "Accept",
    "Cache-Control": "no-cache",
    "Quiver-Invocation": result.id,
  };
  const release = async () => {
    await result.release();
    await finish();
  };
  return new Response(bodyStream(earlyArrowBody(result), release), { headers });
}

/** JSON is for looking at: its rows are limited unless the request says how many it wants. */
export function rowCountMaxOf(
  format: ResultFormat,
  limit: number | undefined,
  services: Services,
): number | null {
  if (limit !== undefined) return limit;
  return RESULT_FORMATS[format].defaultRowLimit === undefined ? null : services.settings.jsonRowsMax;
}

/** How many rows a spooled result has is known before its first byte: over the limit is refused, never cut. */
function refuseOverLimit(result: SpooledResult, rowCountMax: number | null, format: ResultFormat): void {
  const { rowCount } = result.facts;
  if (rowCountMax === null || rowCount <= rowCountMax) return;
  throw new QuiverError(
    "row-limit-exceeded",
    `Cannot answer with ${rowCount} rows: the limit for ${format} is ${rowCountMax}. Narrow the selection, give ?limit=, or ask for Arrow, Parquet or CSV.`,
    { given: rowCount, expected: rowCountMax },
  );
}

function resultHeaders({ facts }: SpooledResult, format: ResultFormat): Headers {
  const headers = new Headers({
    "Content-Type": RESULT_FORMATS[format].mediaType,
    ETag: `"${facts.fingerprint}"`,
    Vary: "Accept",
    "Cache-Control": "no-cache",
    "Server-Timing": serverTiming(facts),
    "Quiver-Invocation": facts.id,
    "Quiver-Rows": String(facts.rowCount),
  });
  const warnings = facts.warnings.map(({ message, count }) => `${message} (${count})`);
  // Header values are Latin-1 without line ends; a warning is an author's text.
  if (warnings.length > 0)
    headers.set("Quiver-Warnings", encodeURIComponent(warnings.join("; ")).slice(0, 4096));
  return headers;
}

export function serverTiming({ timings }: InvocationFacts): string {
  return timings.map(({ stage, milliseconds }) => `${stage};dur=${milliseconds.toFixed(2)}`).join(", ");
}

function requestOf(name: string, body: Omit<InvocationBody, "publish">): InvocationRequest {
  const inputs =
    body.inputs === undefined
      ? undefined
      : Object.fromEntries(
          Object.entries(body.inputs).map(([input, binding]) => [
            input,
            "dataset" in binding
              ? { dataset: binding.dataset }
              : { function: binding.function, ...optional("params", binding.params) },
          ]),
        );
  return {
    function: name,
    ...optional("dataset", body.dataset),
    ...optional("params", body.params),
    ...optional("symbols", body.symbols),
    ...optional("from", body.from),
    ...optional("to", body.to),
    ...optional("asOf", body.asOf),
    ...optional("inputs", inputs),
  };
}

function publishRequestOf(
  invocation: InvocationRequest,
  publish: Exclude<NonNullable<InvocationBody["publish"]>, boolean>,
): PublishRequest {
  return {
    ...invocation,
    ...optional("as", publish.as),
    ...optional("replace", publish.replace),
    ...optional("codec", publish.codec),
    ...optional("compressionLevel", publish.compressionLevel),
  };
}

function selectionOfQuery(name: string, query: InvocationQuery): InvocationRequest {
  return {
    function: name,
    ...optional("params", paramsOf(query.params)),
    ...optional("symbols", symbolsOf(query.symbols)),
    ...optional("from", query.from),
    ...optional("to", query.to),
  };
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

function refuseUnsupported(request: Request): void {
  if (!/\brespond-async\b/i.test(request.headers.get("Prefer") ?? "")) return;
  throw new QuiverError(
    "not-implemented",
    'Cannot run the invocation asynchronously: "Prefer: respond-async" is for a later version. Leave it out and wait for the answer.',
    { field: "Prefer" },
  );
}
