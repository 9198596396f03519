import type { EngineEnds, EngineEvents, EngineRequest } from "../../shared/protocol/engine.ts";

/** Two engine processes: `data` does loads and imports, `sql` queries and formats. */
export type EngineRole = "data" | "sql";

export interface EngineSettings {
  readonly role: EngineRole;
  readonly dataDir: string;
  readonly spoolDir: string;
  readonly threads?: number;
  readonly memoryLimitBytes?: number;
  /** About how many rows a file of a column gets. */
  readonly partRows?: number;
  /** Whether its process waits for the first request, or for `start`; begun at once when left out. */
  readonly startsLate?: boolean;
  /** Aborting closes the engine. */
  readonly signal?: AbortSignal;
  /** Lines the engine process printed. */
  readonly onLog?: (text: string) => void;
}

export interface EngineRequestOptions<Event = unknown> {
  /** Aborting closes the connection, which cancels the work. */
  readonly signal?: AbortSignal;
  readonly onEvent?: (event: Event) => void;
}

/** An answer with a body: `head` is its first event, `end` settles after the last byte was read. */
export interface EngineStream<Head = unknown, End = unknown> {
  readonly head: Head;
  readonly body: ReadableStream<Uint8Array>;
  readonly end: Promise<End>;
}

/**
 * An engine process as the server sees it. It is started at the first request at the latest, and again after it died; a
 * request that was running when it died rejects with `engine-died`.
 */
export interface EngineClient {
  readonly role: EngineRole;
  /** Starts the process unless it runs, so that the next request need not wait; a failure is told to that request. */
  start(): void;
  request<R extends EngineRequest>(
    request: R,
    options?: EngineRequestOptions<EngineEvents[R["op"]]>,
  ): Promise<EngineEnds[R["op"]]>;
  stream<R extends EngineRequest>(
    request: R,
    options?: { readonly signal?: AbortSignal },
  ): Promise<EngineStream<EngineEvents[R["op"]], EngineEnds[R["op"]]>>;
  /** Ends the process; requests that run reject with `stopping`. */
  close(): Promise<void>;
}
