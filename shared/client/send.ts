import { messageOf } from "../errors/message-of.ts";
import { fromErrorRecord, isErrorCode, QuiverError } from "../errors/quiver-error.ts";
import type { ClientOptions } from "./client.ts";

export interface Sent {
  readonly method?: "DELETE" | "GET" | "POST";
  readonly query?: Readonly<Record<string, string | number | undefined>>;
  readonly json?: unknown;
  /** An Arrow stream as the body. */
  readonly rows?: Uint8Array;
  readonly headers?: Readonly<Record<string, string>>;
  readonly signal?: AbortSignal | undefined;
}

/** Resolves with a successful response; rejects with the error that a refusal describes. */
export type Send = (path: string, sent?: Sent) => Promise<Response>;

/** Throws `setting-invalid` for a URL that no request can be sent to. */
export function createSend({ url, token = "", fetch: send = patientFetch }: ClientOptions): Send {
  refuseOtherUrl(url);
  return async (path, { method, query = {}, json, rows, headers = {}, signal } = {}) => {
    const target = new URL(path.replace(/^\//, ""), url.endsWith("/") ? url : `${url}/`);
    for (const [name, value] of Object.entries(query)) {
      if (value !== undefined) target.searchParams.set(name, String(value));
    }
    const body = json === undefined ? rows?.slice() : JSON.stringify(json);
    const contentType = json === undefined ? "application/vnd.apache.arrow.stream" : "application/json";
    const request = new Request(target, {
      method: method ?? (body === undefined ? "GET" : "POST"),
      headers: {
        Accept: "application/json",
        ...(token === "" ? {} : { Authorization: `Bearer ${token}` }),
        ...(body === undefined ? {} : { "Content-Type": contentType }),
        ...headers,
      },
      ...(body === undefined ? {} : { body }),
      ...(signal === undefined ? {} : { signal }),
    });
    let response: Response;
    try {
      response = await send(request);
    } catch (cause) {
      if (signal?.aborted === true) throw cause;
      throw unreachable(url, cause);
    }
    if (!response.ok) throw errorOf(await response.text(), response.status);
    return response;
  };
}

/** "localhost:8787" is a URL too, of a scheme called localhost. */
function refuseOtherUrl(url: string): void {
  if (URL.canParse(url) && /^https?:$/.test(new URL(url).protocol)) return;
  throw new QuiverError(
    "setting-invalid",
    `Cannot use ${JSON.stringify(url)} as the server's URL: expected one that begins with http:// or https://, for example "http://127.0.0.1:8787".`,
    { field: "url", given: url },
  );
}

/** The error described by a problem document. */
export function errorOf(text: string, status: number): QuiverError {
  const { code, detail, ...facts } = objectIn(text);
  if (isErrorCode(code)) return fromErrorRecord({ code, message: String(detail), facts });
  return new QuiverError(
    "internal-error",
    `The server answered ${status} without a Quiver error: ${text.slice(0, 500)}`,
    { status },
  );
}

/** Bun would abort after five minutes without a byte; a long invocation is silent for longer. */
function patientFetch(request: Request): Promise<Response> {
  const init: RequestInit & { readonly timeout?: boolean } = { timeout: false };
  return fetch(request, init);
}

function unreachable(url: string, cause: unknown): QuiverError {
  const why = messageOf(cause);
  return new QuiverError(
    "server-unreachable",
    `Cannot reach the server at ${url}: ${why}. "npm start" starts one; its first line says where it listens.`,
    { url },
    cause,
  );
}

function objectIn(text: string): Record<string, unknown> {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === "object" && value !== null ? { ...value } : {};
  } catch {
    // The response came from something between here and the server.
    return {};
  }
}
