import type { Table } from "apache-arrow";
import type { CallOptions, Client, ClientOptions, ReadOptions } from "./client.ts";
import { followJob, startJob } from "./follow-job.ts";
import type { GarbageReport, InvokeRequest, Plan, PublishRequest, WhyReport } from "./messages.ts";
import { createReading } from "./read-calls.ts";
import { readPublished } from "./read-published.ts";
import { readTable } from "./read-table.ts";
import { createSend, type Send } from "./send.ts";

const ARROW = { Accept: "application/vnd.apache.arrow.stream" };
const LINES = { Accept: "application/x-ndjson" };

/**
 * Creates a client for the server at a URL. Nothing is sent until a method is called; a text that is no URL of a server
 * is refused at once, with `setting-invalid`.
 */
export function createClient(options: ClientOptions): Client {
  const send = createSend(options);
  const job = (id: string) => followJob(send, id);
  const start: Client["start"] = (name, request = {}, given) =>
    startJob(send, functionPath(name), request, given);
  return {
    start,
    startPublish: (name, request = {}, given) =>
      startJob(send, functionPath(name), publication(request), given),
    job,
    async invoke(name, request = {}, given = {}) {
      const { onProgress, signal, ...others } = given;
      if (onProgress !== undefined) {
        signal?.throwIfAborted();
        // Not aborted here: the job would run, and nobody would know its id.
        const started = await start(name, request, others);
        try {
          signal?.throwIfAborted();
          return await started.table({ onProgress, signal });
        } catch (error) {
          // Nobody else knows of the job, so without its caller it would run for nothing.
          if (signal?.aborted === true) await started.cancel().catch(() => undefined);
          throw error;
        }
      }
      return readTable(
        await send(functionPath(name), { json: request, headers: { ...ARROW, ...caching(given) }, signal }),
      );
    },
    async invokeBytes(name, request = {}, given = {}) {
      return bytesOf(await invokeIn(send, name, request, given, {}));
    },
    async invokeStream(name, request = {}, given = {}) {
      const query = given.early === true ? { stream: "early" } : {};
      return streamOf(await invokeIn(send, name, request, given, query));
    },
    async publish(name, request = {}, given = {}) {
      const response = await send(functionPath(name), {
        json: publication(request),
        headers: { ...LINES, ...caching(given) },
        signal: given.signal,
      });
      return readPublished(response, given.onProgress ?? (() => undefined));
    },
    async sql(query, { limit, signal } = {}) {
      return readTable(await send("/sql", { json: { q: query, limit }, headers: ARROW, signal }));
    },
    sqlBytes: async (query, given = {}) => bytesOf(await queryIn(send, query, given)),
    sqlStream: async (query, given = {}) => streamOf(await queryIn(send, query, given)),
    async invokeOn(name, rows, { input, params, signal, ...selection } = {}) {
      const query = {
        ...selection,
        input,
        params: params === undefined ? undefined : JSON.stringify(params),
      };
      return readTable(
        await send(functionPath(name), { query, rows: await bytesOfTable(rows), headers: ARROW, signal }),
      );
    },
    async trainingSet(rows, { signal, ...query }) {
      return readTable(
        await send("/training-set", { query, rows: await bytesOfTable(rows), headers: ARROW, signal }),
      );
    },
    async why(name, { params, inputs, symbols, ...others } = {}, { signal } = {}) {
      const query = {
        ...others,
        params: params === undefined ? undefined : JSON.stringify(params),
        inputs: inputs === undefined ? undefined : JSON.stringify(inputs),
        symbols: symbols?.join(","),
      };
      return (await (await send(`${functionPath(name)}/why`, { query, signal })).json()) as WhyReport;
    },
    gc: async (json = {}, { signal } = {}) =>
      (await (await send("/gc", { json, signal })).json()) as GarbageReport,
    explain: async (name, request = {}) =>
      (await (await send(functionPath(name), { json: request, query: { explain: "1" } })).json()) as Plan,
    ...createReading(send),
  };
}

function functionPath(name: string): string {
  return `/functions/${encodeURIComponent(name)}`;
}

/** The server expects the feature set's name and similar settings in a separate field. */
function publication(given: PublishRequest): unknown {
  const { as, replace, codec, compressionLevel, forReaders, ...request } = given;
  return { ...request, publish: { as, replace, codec, compressionLevel, forReaders } };
}

function caching({ recompute }: Pick<CallOptions, "recompute">): Record<string, string> {
  return recompute === true ? { "Cache-Control": "no-cache" } : {};
}

function invokeIn(
  send: Send,
  name: string,
  json: InvokeRequest,
  given: ReadOptions,
  query: Readonly<Record<string, string>>,
): Promise<Response> {
  const { format = "arrow.stream", limit, signal } = given;
  return send(functionPath(name), {
    json,
    query: { ...query, format, limit },
    headers: caching(given),
    signal,
  });
}

function queryIn(send: Send, q: string, given: Omit<ReadOptions, "recompute">): Promise<Response> {
  const { format = "arrow.stream", limit, signal } = given;
  return send("/sql", { json: { q, limit }, query: { format }, signal });
}

async function bytesOf(response: Response): Promise<Uint8Array> {
  return new Uint8Array(await response.arrayBuffer());
}

function streamOf({ body }: Response): ReadableStream<Uint8Array> {
  return body ?? new ReadableStream({ start: (controller) => controller.close() });
}

/** Encodes rows as an Arrow stream, the format in which the server accepts them. */
async function bytesOfTable(rows: Table): Promise<Uint8Array> {
  const { tableToIPC } = await import("apache-arrow");
  return tableToIPC(rows, "stream");
}
