import type { Table } from "apache-arrow";
import type { JobView } from "../../runtime/jobs/job-view.ts";
import { fromErrorRecord, isErrorCode, QuiverError } from "../errors/quiver-error.ts";
import type { StartOptions } from "./client.ts";
import type { Progress, Published, TableFormat } from "./messages.ts";
import { readEvents } from "./read-events.ts";
import { readTable } from "./read-table.ts";
import { errorOf, type Send } from "./send.ts";

/** The progress of a job, and how it ended. */
export type JobStatus = JobView;

export interface WaitOptions {
  /** Ends the waiting, not the job. */
  readonly signal?: AbortSignal | undefined;
  readonly onProgress?: ((progress: Progress) => void) | undefined;
}

/** An invocation that runs on the server whether or not anybody waits for it. */
export interface Job {
  readonly id: string;
  status(): Promise<JobStatus>;
  /**
   * Yields the current status and every change up to the end. Throws `server-unreachable` if the server goes away
   * before; the job continues at the server's next start, and can then be followed again.
   */
  events(options?: Pick<WaitOptions, "signal">): AsyncIterable<JobStatus>;
  /** The last 64 K characters of what its handlers printed. */
  logs(options?: Pick<WaitOptions, "signal">): Promise<string>;
  /** Resolves when it has succeeded; rejects with the error it failed with, or `invocation-cancelled`. */
  wait(options?: WaitOptions): Promise<JobStatus>;
  /** Waits for the end, then reads the rows of an invocation. */
  table(options?: WaitOptions): Promise<Table>;
  /** Waits for the end, then reads the rows as the bytes of a file. */
  bytes(format?: TableFormat, options?: WaitOptions): Promise<Uint8Array>;
  /** Waits for the end, then reads the manifest that a publication created or found. */
  published(options?: WaitOptions): Promise<Published>;
  cancel(): Promise<void>;
}

/**
 * Delays between two requests for a job's status. They grow, so that the end of a short job is noticed soon and a long
 * job costs little.
 */
const WAIT_MS = { first: 50, most: 1000, growth: 1.5 };

export function followJob(send: Send, id: string): Job {
  const path = `/invocations/${encodeURIComponent(id)}`;
  const status = async (signal?: AbortSignal): Promise<JobStatus> =>
    (await (await send(path, { signal })).json()) as JobStatus;
  const wait = async ({ signal, onProgress }: WaitOptions = {}): Promise<JobStatus> => {
    let told = "";
    for (let pause = WAIT_MS.first; ; pause = Math.min(WAIT_MS.most, pause * WAIT_MS.growth)) {
      const now = await status(signal);
      const news = JSON.stringify(now.progress);
      if (now.progress !== null && news !== told) onProgress?.(now.progress);
      told = news;
      if (now.status === "succeeded") return now;
      if (now.status === "failed" || now.status === "cancelled") throw failureOf(now);
      await sleep(pause, signal);
    }
  };
  const result = async (accept: TableFormat, options: WaitOptions = {}): Promise<Response> => {
    await wait(options);
    return send(`${path}/result`, { query: { format: accept }, signal: options.signal });
  };
  return {
    id,
    status: () => status(),
    async *events({ signal } = {}) {
      const response = await send(`${path}/events`, { headers: { Accept: "text/event-stream" }, signal });
      for await (const { name, data } of unbroken(readEvents(response), signal)) {
        yield JSON.parse(data) as JobStatus;
        if (name === "end") return;
      }
      throw gone(id);
    },
    logs: async ({ signal } = {}) => (await send(`${path}/logs`, { signal })).text(),
    wait,
    table: async (options) => readTable(await result("arrow.stream", options)),
    bytes: async (format = "arrow.stream", options) =>
      new Uint8Array(await (await result(format, options)).arrayBuffer()),
    async published(options = {}) {
      await wait(options);
      return (await (await send(`${path}/result`, { signal: options.signal })).json()) as Published;
    },
    async cancel() {
      await send(path, { method: "DELETE" });
    },
  };
}

/** Sends an invocation that should run as a job. */
export async function startJob(
  send: Send,
  path: string,
  json: unknown,
  { signal, idempotencyKey, recompute, priority }: StartOptions = {},
): Promise<Job> {
  const response = await send(path, {
    json,
    signal,
    query: { priority },
    headers: {
      Prefer: "respond-async",
      ...(idempotencyKey === undefined ? {} : { "Idempotency-Key": idempotencyKey }),
      ...(recompute === true ? { "Cache-Control": "no-cache" } : {}),
    },
  });
  const location = response.headers.get("Location");
  const id = /\/invocations\/([^/]+)$/.exec(location ?? "")?.[1];
  await response.body?.cancel();
  // The status is 202, or 200 if the idempotency key already belongs to a job.
  if (id !== undefined) return followJob(send, decodeURIComponent(id));
  throw new QuiverError(
    "internal-error",
    `Cannot follow the invocation: the server answered ${response.status} with the Location ${JSON.stringify(location)}, expected /invocations/{id}.`,
    { status: response.status, location },
  );
}

/** Each runtime reports a broken connection in its own words; this turns them into one error. */
async function* unbroken<T>(
  values: AsyncIterable<T>,
  signal: AbortSignal | undefined,
): AsyncGenerator<T, undefined> {
  try {
    yield* values;
  } catch (error) {
    if (signal?.aborted === true) throw error;
  }
}

function gone(id: string): QuiverError {
  return new QuiverError(
    "server-unreachable",
    `The server went away while it reported on the job ${id}, which continues at its next start. Ask again then.`,
    { id },
  );
}

/** The error described by a job's problem. */
function failureOf({ id, status, error }: JobStatus): QuiverError {
  if (error !== null && isErrorCode(error["code"]))
    return errorOf(JSON.stringify(error), Number(error["status"]));
  const message = `The job ${id} ended as ${JSON.stringify(status)} without further details.`;
  return fromErrorRecord({
    code: status === "cancelled" ? "invocation-cancelled" : "internal-error",
    message,
    facts: { id },
  });
}

async function sleep(milliseconds: number, signal: AbortSignal | undefined): Promise<void> {
  signal?.throwIfAborted();
  await new Promise<void>((resolve, reject) => {
    const abort = () => {
      clearTimeout(timer);
      reject(signal?.reason as Error);
    };
    const timer = setTimeout(() => {
      signal?.removeEventListener("abort", abort);
      resolve();
    }, milliseconds);
    signal?.addEventListener("abort", abort, { once: true });
  });
}
