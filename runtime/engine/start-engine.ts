import { createConnection, type Socket } from "node:net";
import { fromErrorRecord, QuiverError, type ErrorRecord } from "../../shared/errors/index.ts";
import type { EngineEnds, EngineEvents, EngineRequest } from "../../shared/protocol/engine.ts";
import type { EngineClient, EngineRequestOptions, EngineSettings, EngineStream } from "./engine-client.ts";
import { spawnEngine, type EngineProcess } from "./engine-process.ts";
import { createFrameReader, decodeJson, type Frame } from "./frames.ts";

/** Starts an engine process, at once or when it is asked, and again whenever a request finds that it has died. */
export function startEngine(settings: EngineSettings): EngineClient {
  let current: Promise<EngineProcess> | undefined;
  let closing: Promise<void> | undefined;
  const open = new Set<Socket>();

  function ensure(): Promise<EngineProcess> {
    if (closing !== undefined || settings.signal?.aborted === true) throw stopping(settings.role);
    if (current !== undefined) return current;
    const started = spawnEngine(settings);
    current = started;
    const forget = () => {
      if (current === started) current = undefined;
    };
    started.then((engine) => void engine.ended.then(forget), forget);
    return started;
  }

  /** A connection with the request on its way. An engine found dead at this point is replaced, once. */
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
        if (attempt > 0) throw died(settings.role, request.op, await engine.ended, error);
      }
    }
  }

  /** Reads frames until the last one; `receive` gets those before it. */
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
    if (closing !== undefined) throw stopping(settings.role);
    throw died(settings.role, request.op, await howItEnded(engine));
  }

  function request<R extends EngineRequest>(
    asked: R,
    options: EngineRequestOptions<EngineEvents[R["op"]]> = {},
  ): Promise<EngineEnds[R["op"]]> {
    return exchange(asked, options.signal, ({ kind, payload }) => {
      if (kind === "event") options.onEvent?.(decodeJson(payload) as EngineEvents[R["op"]]);
    });
  }

  function stream<R extends EngineRequest>(
    asked: R,
    options: { readonly signal?: AbortSignal } = {},
  ): Promise<EngineStream<EngineEvents[R["op"]], EngineEnds[R["op"]]>> {
    const cancelled = new AbortController();
    const signal = AbortSignal.any([cancelled.signal, ...(options.signal ? [options.signal] : [])]);
    return new Promise((resolve, reject) => {
      let socketNow: Socket | undefined;
      let answered = false;
      const body = new ReadableStream<Uint8Array>(
        {
          start(controller) {
            const end = exchange(asked, signal, ({ kind, payload }, socket) => {
              socketNow = socket;
              if (kind === "event" && !answered) {
                answered = true;
                resolve({ head: decodeJson(payload) as EngineEvents[R["op"]], body, end });
              } else if (kind === "bytes") {
                // The payload is a view of a larger chunk; it is handed on as it is and never written to.
                controller.enqueue(payload);
                if ((controller.desiredSize ?? 0) <= 0) socket.pause();
              }
            });
            end.then(
              () => {
                if (!cancelled.signal.aborted) controller.close();
                reject(new Error(`The engine answered ${asked.op} without a head`));
              },
              (error: unknown) => {
                controller.error(error);
                reject(error);
              },
            );
          },
          pull: () => void socketNow?.resume(),
          cancel: (reason) => cancelled.abort(reason),
        },
        new ByteLengthQueuingStrategy({ highWaterMark: 1 << 20 }),
      );
    });
  }

  async function close(): Promise<void> {
    const engine = await current?.catch(() => undefined);
    for (const socket of open) socket.destroy();
    await engine?.kill();
  }

  function start(): void {
    if (closing === undefined && settings.signal?.aborted !== true) ensure().catch(() => undefined);
  }

  const client: EngineClient = {
    role: settings.role,
    start,
    request,
    stream,
    close: () => (closing ??= close()),
  };
  settings.signal?.addEventListener("abort", () => void client.close(), { once: true });
  if (settings.startsLate !== true) start();
  return client;
}

function openSocket(path: string): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const socket = createConnection(path);
    socket.once("error", reject);
    socket.once("connect", () => {
      socket.off("error", reject);
      resolve(socket);
    });
  });
}

/** The last frame, or undefined when the connection was cut before it. */
function readToLast(socket: Socket, onFrame: (frame: Frame) => void): Promise<Frame | undefined> {
  return new Promise((resolve, reject) => {
    let last: Frame | undefined;
    const reader = createFrameReader((frame) => {
      if (frame.kind === "end" || frame.kind === "error") last = frame;
      else onFrame(frame);
    });
    socket.on("data", (chunk: Uint8Array) => {
      try {
        reader.push(chunk);
      } catch (error) {
        reject(error);
      }
      if (last !== undefined) resolve(last);
    });
    socket.on("error", () => resolve(last));
    socket.on("close", () => resolve(last));
  });
}

/** A connection is cut a moment before the death of the process is known. */
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
    `Cannot finish ${op}: the ${role} engine process ${how}. Ask again; a new one is started.`,
    { role, op, how },
    cause,
  );
}
