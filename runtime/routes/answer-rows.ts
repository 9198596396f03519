import { QuiverError } from "../../shared/errors/index.ts";
import type { ResultFormat } from "../../shared/protocol/result.ts";
import { RESULT_FORMATS } from "../formats/media-types.ts";
import type { InvocationFacts, InvokeOptions, SpooledResult } from "../invoke/invocation.ts";
import type { InvocationRequest } from "../../shared/protocol/invocation.ts";
import { arrowBody, earlyArrowBody } from "./arrow-body.ts";
import { bodyStream } from "./body-stream.ts";
import { holds } from "./json-response.ts";
import type { InvocationQuery } from "./request-schemas.ts";
import type { Services } from "./services.ts";

export const RESULT_MEDIA_TYPES = Object.values(RESULT_FORMATS).map((format) => format.mediaType);

/** Some clients refuse longer headers. */
const WARNINGS_LENGTH_MAX = 1000;

export interface RowsCall extends Pick<ResultDelivery, "format" | "limit" | "finish"> {
  readonly request: Request;
  readonly stream: InvocationQuery["stream"];
  readonly invocation: InvocationRequest;
  readonly options: InvokeOptions & { readonly signal: AbortSignal };
}

/** Runs the function and answers with its rows. */
export async function answerRows(services: Services, call: RowsCall): Promise<Response> {
  const { request, format, limit, stream, invocation, options, finish } = call;
  if (request.headers.has("If-None-Match")) {
    const { fingerprint } = await services.invoker.explain(invocation, options);
    const etag = `"${fingerprint}"`;
    if (holds(request, etag)) {
      await finish();
      return new Response(null, { status: 304, headers: { ETag: etag, Vary: "Accept" } });
    }
  }
  if (stream === "early") return answerEarly(services, call);
  const result = await services.invoker.invoke(invocation, options);
  return answerResult(services, result, { format, limit, signal: options.signal, finish });
}

export interface ResultDelivery {
  readonly format: ResultFormat;
  readonly limit: number | undefined;
  readonly signal: AbortSignal;
  /** Called when the last row has been sent, but not when the answer is refused. */
  readonly finish: () => Promise<void>;
}

/** Answers with the rows of a finished result, and releases it in every case. */
export async function answerResult(
  services: Services,
  result: SpooledResult,
  { format, limit, signal, finish }: ResultDelivery,
): Promise<Response> {
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
    const rowLimit = rowLimitOf(format, limit, services);
    refuseOverLimit(result, rowLimit, format);
    const chunks = await services.formats.write(result, { format, rowLimit, signal });
    return new Response(bodyStream(chunks, release), { headers });
  } catch (error) {
    await result.release();
    throw error;
  }
}

/** Sends partitions as they finish. A failure after the first byte resets the connection, so it cannot look complete. */
async function answerEarly(
  services: Services,
  { format, limit, invocation, options, finish }: RowsCall,
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

/** The limit of rows in the request, or the default of formats that are limited: JSON is for reading, not for bulk data. */
export function rowLimitOf(
  format: ResultFormat,
  limit: number | undefined,
  services: Services,
): number | null {
  if (limit !== undefined) return limit;
  return RESULT_FORMATS[format].isLimited ? services.settings.jsonRowsMax : null;
}

/** A spooled result's row count is known before its first byte: one over the limit is refused, never cut. */
function refuseOverLimit(result: SpooledResult, rowLimit: number | null, format: ResultFormat): void {
  const { rowCount } = result.facts;
  if (rowLimit === null || rowCount <= rowLimit) return;
  throw new QuiverError(
    "row-limit-exceeded",
    // A format without a limit of its own was given one.
    RESULT_FORMATS[format].isLimited
      ? `Cannot answer with ${rowCount} rows: the limit for ${format} is ${rowLimit}. Narrow the selection, raise \`limit\`, or ask for Arrow, Parquet or CSV.`
      : `Cannot answer with ${rowCount} rows: \`limit\` is ${rowLimit}. Narrow the selection, or raise \`limit\` or leave it out.`,
    { given: rowCount, expected: rowLimit },
  );
}

function resultHeaders({ facts }: SpooledResult, format: ResultFormat): Headers {
  const headers = new Headers({
    "Content-Type": RESULT_FORMATS[format].mediaType,
    ETag: `"${facts.fingerprint}"`,
    Vary: "Accept",
    "Cache-Control": "no-cache",
    "Cache-Status": cacheStatus(facts),
    "Server-Timing": serverTiming(facts),
    "Quiver-Invocation": facts.id,
    "Quiver-Rows": String(facts.rowCount),
  });
  const warnings = facts.warnings.map(({ message, count }) => `${message} (${count})`);
  if (warnings.length > 0) {
    // Header values are Latin-1 without line breaks; a warning is text of the author's.
    const text = warnings.join("; ").slice(0, WARNINGS_LENGTH_MAX).toWellFormed();
    headers.set("Quiver-Warnings", encodeURIComponent(text));
  }
  return headers;
}

/** RFC 9211: whether anything had to be computed. */
function cacheStatus({ partitions: { count, found } }: InvocationFacts): string {
  return count > 0 && count === found
    ? "quiver; hit"
    : `quiver; fwd=miss; detail="${found} of ${count} found"`;
}

export function serverTiming({ timings }: InvocationFacts): string {
  return timings.map(({ stage, milliseconds }) => `${stage};dur=${milliseconds.toFixed(2)}`).join(", ");
}
