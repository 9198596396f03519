import type { Table } from "apache-arrow";
import type { JobView } from "../../runtime/jobs/job-view.ts";
import { fromErrorRecord, isErrorCode, QuiverError } from "../errors/quiver-error.ts";
import type { StartOptions } from "./client.ts";
import type { Progress, Published, TableFormat } from "./messages.ts";
import { readEvents } from "./read-events.ts";
import { readTable } from "./read-table.ts";
import { errorOf, type Send } from "./send.ts";

/** How far a job is, and how it ended. */
export type JobStatus = JobView;

export interface WaitOptions {
  /** Ends the waiting, not the job. */
  readonly signal?: AbortSignal | undefined;
  readonly onProgress?: ((progress: Progress) => void) | undefined;
}

/** An invocation that runs on the server whether anybody waits for it or not. */
export interface Job {
  readonly id: string;
  status(): Promise<JobStatus>;
  /**
   * How it stands now, and whenever that changes, up to how it ended. Throws `server-unreachable` when the server goes
   * away before; the job goes on at its next start, and so does asking again.
   */
  events(options?: Pick<WaitOptions, "signal">): AsyncIterable<JobStatus>;
  /** The last 64 K characters that its handlers printed. */
  logs(options?: Pick<WaitOptions, "signal">): Promise<string>;
  /** Resolves when it has succeeded; rejects with the error it failed with, or `invocation-cancelled`. */
  wait(options?: WaitOptions): Promise<JobStatus>;
  /** Waits, and reads the rows of an invocation. */
  table(options?: WaitOptions): Promise<Table>;
  /** Waits, and reads them as the bytes of a file. */
  bytes(format?: TableFormat, options?: WaitOptions): Promise<Uint8Array>;
  /** Waits, and reads the manifest that a publication made or found. */
  published(options?: WaitOptions): Promise<Published>;
  cancel(): Promise<void>;
}

/** Between two looks at a job; they grow, so that a short one is seen soon and a long one costs little. */
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

/** Sends an invocation that is not to be waited for. */
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
  // 202, or 200 where the idempotency key stands for a job already.
  if (id !== undefined) return followJob(send, decodeURIComponent(id));
  throw new QuiverError(
    "internal-error",
    `Cannot follow the invocation: the server answered ${response.status} with the Location ${JSON.stringify(location)}, expected /invocations/{id}.`,
    { status: response.status, location },
  );
}

/** A connection that breaks says in each runtime's own words that the server is gone: here it ends. */
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
    `The server went away while it told of the job ${id}, which goes on at its next start. Ask again then.`,
    { id },
  );
}

/** The error that a job's problem stands for. */
function failureOf({ id, status, error }: JobStatus): QuiverError {
  if (error !== null && isErrorCode(error["code"]))
    return errorOf(JSON.stringify(error), Number(error["status"]));
  const message = `The job ${id} ended as ${JSON.stringify(status)}, and says nothing more about it.`;
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
