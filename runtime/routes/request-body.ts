import { randomUUID } from "node:crypto";
import { mkdir, open, rm } from "node:fs/promises";
import { join } from "node:path";
import { isDiskFull, QuiverError } from "../../shared/errors/index.ts";
import { findJsonFault } from "./json-fault.ts";

/** The kind of a request body. */
export type BodyKind = "none" | "json" | "arrow" | "csv" | "parquet" | "text";

const KINDS: Readonly<Record<string, BodyKind>> = {
  "application/json": "json",
  "application/vnd.apache.arrow.stream": "arrow",
  "application/vnd.apache.arrow.file": "arrow",
  "application/vnd.apache.parquet": "parquet",
  "text/csv": "csv",
  "text/plain": "text",
};

/**
 * The kind of a request's body, from its `Content-Type`. Refuses one that the route does not take, naming those it
 * takes.
 */
export function bodyKind(request: Request, taken: readonly BodyKind[]): BodyKind {
  const header = request.headers.get("Content-Type");
  if (isBodiless(request, header)) return "none";
  const mediaType = (header ?? "").split(";", 1)[0]!.trim().toLowerCase();
  const kind = KINDS[mediaType];
  if (kind !== undefined && taken.includes(kind)) return kind;
  const expected = Object.keys(KINDS).filter((type) => taken.includes(KINDS[type] ?? "none"));
  throw new QuiverError(
    "media-type-unsupported",
    `Cannot read a body of type ${typeText(mediaType)}: expected ${expected.join(" or ")}. ${adviceFor(taken, expected)}`,
    { given: header, expected },
  );
}

function adviceFor(taken: readonly BodyKind[], expected: readonly string[]): string {
  if (taken.includes("text")) return 'Send the header "Content-Type: text/plain" with the query as it is.';
  if (taken.includes("json")) return 'Send the header "Content-Type: application/json".';
  return `Send the header "Content-Type" with the one that the body is, for example "Content-Type: ${expected.at(-1)}".`;
}

function typeText(mediaType: string): string {
  if (mediaType === "") return "unknown (no Content-Type)";
  const isForm = mediaType === "application/x-www-form-urlencoded";
  return `${JSON.stringify(mediaType)}${isForm ? " (the default of curl)" : ""}`;
}

/** Without either header HTTP/1.1 has no body, though Deno makes a stream for one. */
function isBodiless({ body, headers }: Request, contentType: string | null): boolean {
  const length = headers.get("Content-Length");
  if (body === null || length === "0") return true;
  return contentType === null && length === null && !headers.has("Transfer-Encoding");
}

/** The body as JSON. */
export async function readJson(request: Request, byteLengthMax: number): Promise<unknown> {
  const text = await readText(request, byteLengthMax);
  try {
    return JSON.parse(text);
  } catch (cause) {
    const fault = findJsonFault(text);
    const why =
      fault === undefined
        ? "it is not"
        : `line ${fault.line}, column ${fault.column} has ${fault.found}, expected ${fault.expected}`;
    throw new QuiverError(
      "request-malformed",
      `Cannot read the body as JSON: ${why}.`,
      { expected: "a JSON object", ...fault },
      cause,
    );
  }
}

/** The body as UTF-8 text. */
export async function readText(request: Request, byteLengthMax: number): Promise<string> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of limited(request, byteLengthMax)) chunks.push(chunk);
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(Buffer.concat(chunks));
  } catch (cause) {
    throw new QuiverError("request-malformed", "Cannot read the body: it is not UTF-8 text.", {}, cause);
  }
}

/** A body on disk; `remove` when it is no longer needed. */
export interface SpooledBody {
  readonly path: string;
  readonly byteLength: number;
  remove(): Promise<void>;
}

/** Writes the body to a file as it arrives. A slow disk slows the sender down, and only one chunk is in memory. */
export async function spoolBody(request: Request, dir: string, byteLengthMax: number): Promise<SpooledBody> {
  await mkdir(dir, { recursive: true });
  const path = join(dir, `${randomUUID()}.arrow`);
  const remove = () => rm(path, { force: true });
  let byteLength = 0;
  try {
    const file = await open(path, "wx");
    try {
      for await (const chunk of limited(request, byteLengthMax)) {
        for (let at = 0; at < chunk.length;) at += (await file.write(chunk, at)).bytesWritten;
        byteLength += chunk.length;
      }
    } finally {
      await file.close();
    }
  } catch (error) {
    await remove();
    throw isDiskFull(error) ? diskFull(path, byteLength, error) : error;
  }
  return { path, byteLength, remove };
}

async function* limited(request: Request, byteLengthMax: number): AsyncGenerator<Uint8Array> {
  const announced = Number(request.headers.get("Content-Length") ?? "0");
  if (announced > byteLengthMax) throw tooLarge(announced, byteLengthMax);
  let byteLength = 0;
  if (request.body === null) return;
  for await (const chunk of request.body) {
    byteLength += chunk.length;
    if (byteLength > byteLengthMax) throw tooLarge(byteLength, byteLengthMax);
    yield chunk;
  }
}

function tooLarge(given: number, expected: number): QuiverError {
  return new QuiverError(
    "body-too-large",
    `Cannot take a body of ${given} bytes or more: the limit is ${expected} bytes.`,
    { given, expected },
  );
}

function diskFull(path: string, byteLength: number, cause: unknown): QuiverError {
  return new QuiverError(
    "disk-full",
    `Cannot take the body: the disk of ${path} is full after ${byteLength} bytes. Free some space, or put the data directory elsewhere with --data.`,
    { path, byteLength },
    cause,
  );
}
