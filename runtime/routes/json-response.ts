import { createHash } from "node:crypto";

/** A JSON answer with an ETag of its content; 304 if the client holds the same. */
export function jsonResponse(request: Request, value: unknown, status = 200): Response {
  const body = JSON.stringify(value);
  const etag = `"${createHash("sha256").update(body).digest("hex").slice(0, 32)}"`;
  const headers = { "Content-Type": "application/json", ETag: etag, "Cache-Control": "no-cache" };
  if (status === 200 && holds(request, etag)) return new Response(null, { status: 304, headers });
  return new Response(body, { status, headers });
}

/** Whether `If-None-Match` names this tag, weakly or not. */
export function holds(request: Request, etag: string): boolean {
  const header = request.headers.get("If-None-Match");
  if (header === null) return false;
  return header.split(",").some((tag) => tag.trim().replace(/^W\//, "") === etag || tag.trim() === "*");
}
