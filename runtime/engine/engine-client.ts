import type { EngineEnds, EngineEvents, EngineRequest } from "../../shared/protocol/engine.ts";

/** There are two engine processes: `data` loads and imports; `sql` runs queries and converts formats. */
export type EngineRole = "data" | "sql";

export interface EngineOptions {
  readonly role: EngineRole;
  readonly dataDir: string;
  readonly spoolDir: string;
  readonly threads?: number;
  readonly memoryLimitBytes?: number;
  /** Approximate number of rows in one file of a column. */
  readonly partRows?: number;
  /** Starts the process at the first request or `start()`, instead of at once. */
  readonly startsLate?: boolean;
  /** Aborting closes the engine. */
  readonly signal?: AbortSignal;
  /** Receives the lines that the engine process prints. */
  readonly onLog?: (text: string) => void;
}

export interface EngineRequestOptions<Event = unknown> {
  /** Aborting closes the connection, which cancels the work. */
  readonly signal?: AbortSignal;
  readonly onEvent?: (event: Event) => void;
}

/** An answer with a body: `head` is its first event, and `end` settles after the last byte has been read. */
export interface EngineStream<Head = unknown, End = unknown> {
  readonly head: Head;
  readonly body: ReadableStream<Uint8Array>;
  readonly end: Promise<End>;
}

/**
 * An engine process as the server sees it. It starts at the first request at the latest, and again after it died.
 * Requests that were running when it died reject with `engine-died`.
 */
export interface EngineClient {
  readonly role: EngineRole;
  /** Starts the process unless it runs, so that the next request need not wait. That request also gets any failure. */
  start(): void;
  request<R extends EngineRequest>(
    request: R,
    options?: EngineRequestOptions<EngineEvents[R["op"]]>,
  ): Promise<EngineEnds[R["op"]]>;
  stream<R extends EngineRequest>(
    request: R,
    options?: { readonly signal?: AbortSignal },
  ): Promise<EngineStream<EngineEvents[R["op"]], EngineEnds[R["op"]]>>;
  /** Ends the process. Running requests reject with `stopping`. */
  close(): Promise<void>;
}
