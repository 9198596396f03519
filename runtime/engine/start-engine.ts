import type { Socket } from "node:net";
import { fromErrorRecord, QuiverError, type ErrorRecord } from "../../shared/errors/index.ts";
import type { EngineEnds, EngineEvents, EngineRequest } from "../../shared/protocol/engine.ts";
import type { EngineClient, EngineRequestOptions, EngineOptions, EngineStream } from "./engine-client.ts";
import { spawnEngine, type EngineProcess } from "./engine-process.ts";
import { openSocket, readToLast } from "./frame-socket.ts";
import { decodeJson, type Frame } from "./frames.ts";
import { streamBody } from "./stream-body.ts";

/** Keeps an engine process: starts it at once or at the first request, and again when a request finds it dead. */
export function startEngine(options: EngineOptions): EngineClient {
  let current: Promise<EngineProcess> | undefined;
  let closing: Promise<void> | undefined;
  const open = new Set<Socket>();

  function ensure(): Promise<EngineProcess> {
    if (closing !== undefined || options.signal?.aborted === true) throw stopping(options.role);
    if (current !== undefined) return current;
    const started = spawnEngine(options);
    current = started;
    const forget = () => {
      if (current === started) current = undefined;
    };
    started.then((engine) => void engine.ended.then(forget), forget);
    return started;
  }

  /** Opens a connection and sends the request. An engine that is found dead here is replaced once. */
  async function connect(request: EngineRequest, signal: AbortSignal | undefined) {
    signal?.throwIfAborted();
    const line = `${JSON.stringify(request)}\n`;
    for (let attempt = 0; ; attempt++) {
      const engine = await ensure();
      signal?.throwIfAborted();
      try {
        const socket = await openSocket(engine.socketPath);
        open.add(socket);
        socket.once("close", () => open.delete(socket));
        socket.write(line);
        return { socket, engine };
      } catch (error) {
        await engine.kill();
        if (attempt > 0) throw died(options.role, request.op, await engine.ended, error);
      }
    }
  }

  /** Sends a request and returns the content of the last frame; `receive` gets the frames before it. */
  async function exchange<R extends EngineRequest>(
    request: R,
    signal: AbortSignal | undefined,
    receive: (frame: Frame, socket: Socket) => void,
  ): Promise<EngineEnds[R["op"]]> {
    const { socket, engine } = await connect(request, signal);
    const abort = () => socket.destroy();
    signal?.addEventListener("abort", abort);
    try {
      const last = await readToLast(socket, (frame) => receive(frame, socket));
      if (last?.kind === "end") return decodeJson(last.payload) as EngineEnds[R["op"]];
      if (last?.kind === "error") throw fromErrorRecord(decodeJson(last.payload) as ErrorRecord);
    } finally {
      signal?.removeEventListener("abort", abort);
      socket.destroy();
    }
    signal?.throwIfAborted();
    if (closing !== undefined) throw stopping(options.role);
    throw died(options.role, request.op, await howItEnded(engine));
  }

  function request<R extends EngineRequest>(
    asked: R,
    { signal, onEvent }: EngineRequestOptions<EngineEvents[R["op"]]> = {},
  ): Promise<EngineEnds[R["op"]]> {
    return exchange(asked, signal, ({ kind, payload }) => {
      if (kind === "event") onEvent?.(decodeJson(payload) as EngineEvents[R["op"]]);
    });
  }

  function stream<R extends EngineRequest>(
    asked: R,
    { signal: outer }: { readonly signal?: AbortSignal } = {},
  ): Promise<EngineStream<EngineEvents[R["op"]], EngineEnds[R["op"]]>> {
    return streamBody((signal, receive) => exchange(asked, signal, receive), outer);
  }

  async function close(): Promise<void> {
    const engine = await current?.catch(() => undefined);
    for (const socket of open) socket.destroy();
    await engine?.kill();
  }

  function start(): void {
    if (closing === undefined && options.signal?.aborted !== true) ensure().catch(() => undefined);
  }

  const client: EngineClient = {
    role: options.role,
    start,
    request,
    stream,
    close: () => (closing ??= close()),
  };
  options.signal?.addEventListener("abort", () => void client.close(), { once: true });
  if (options.startsLate !== true) start();
  return client;
}

/** The connection is cut a moment before the end of the process is noticed, so this waits for it. */
async function howItEnded(engine: EngineProcess): Promise<string> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const alive = new Promise<string>((resolve) => {
    timer = setTimeout(() => resolve("closed the connection"), 2_000);
  });
  return Promise.race([engine.ended, alive]).finally(() => clearTimeout(timer));
}

function stopping(role: string): QuiverError {
  return new QuiverError("stopping", `Cannot ask the ${role} engine: it is being stopped.`, { role });
}

function died(role: string, op: string, how: string, cause?: unknown): QuiverError {
  return new QuiverError(
    "engine-died",
    `Cannot finish ${op}: the ${role} engine process ${how}. Try again; a new process starts.`,
    { role, op, how },
    cause,
  );
}
