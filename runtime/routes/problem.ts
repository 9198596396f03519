import { randomUUID } from "node:crypto";
import { ERROR_CODES, errorCodeOf, type ErrorCode } from "../../shared/errors/index.ts";
import type { Logger } from "./services.ts";

/** RFC 9457 problem details, the body of every refusal. The error's facts stand beside these members. */
export interface Problem {
  readonly type: string;
  readonly title: string;
  readonly status: number;
  readonly code: ErrorCode;
  readonly detail: string;
  readonly [fact: string]: unknown;
}

export const PROBLEM_MEDIA_TYPE = "application/problem+json";

/**
 * Converts an error to problem details. An error without a Quiver code is a fault of ours: it is logged under an id
 * rather than shown.
 */
export function toProblem(error: unknown, logger: Logger): Problem {
  const code = errorCodeOf(error);
  if (code !== undefined) {
    const detail = error instanceof Error ? error.message : ERROR_CODES[code].what;
    return problem(code, detail, factsOf(error));
  }
  const id = randomUUID();
  logger.error(`${id} ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`);
  return problem("internal-error", `Quiver failed to answer; its log has the details under ${id}.`, { id });
}

/** The response that carries a problem. */
export function problemResponse(body: Problem): Response {
  const headers = new Headers({ "Content-Type": PROBLEM_MEDIA_TYPE, "Cache-Control": "no-store" });
  const retryAfterMs = body["retryAfterMs"];
  if (body.status === 429 || body.status === 503) {
    const seconds = typeof retryAfterMs === "number" ? Math.max(1, Math.ceil(retryAfterMs / 1000)) : 1;
    headers.set("Retry-After", String(seconds));
  }
  const allow = body["allow"];
  if (body.status === 405 && Array.isArray(allow)) headers.set("Allow", allow.join(", "));
  if (body.status === 401) headers.set("WWW-Authenticate", 'Bearer realm="quiver"');
  return new Response(JSON.stringify(body), { status: body.status, headers });
}

function problem(code: ErrorCode, detail: string, facts: Readonly<Record<string, unknown>>): Problem {
  const { status, what } = ERROR_CODES[code];
  return { ...facts, type: `/docs#${code}`, title: what, status, code, detail };
}

function factsOf(error: unknown): Readonly<Record<string, unknown>> {
  const facts = typeof error === "object" && error !== null && "facts" in error ? error.facts : undefined;
  return typeof facts === "object" && facts !== null ? { ...facts } : {};
}
