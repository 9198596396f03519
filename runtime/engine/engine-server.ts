import { chmodSync } from "node:fs";
import { createServer, type Server, type Socket } from "node:net";
import {
  errorCodeOf,
  type ErrorRecord,
  isDiskFull,
  messageOf,
  QuiverError,
  toErrorRecord,
} from "../../shared/errors/index.ts";
import type { EngineRequest } from "../../shared/protocol/engine.ts";
import type { EngineCall, EngineContext, EngineHandlers } from "./engine-handler.ts";
import { encodeFrameHeader, encodeJsonFrame } from "./frames.ts";

/** Longer request lines are refused: requests name files and do not carry data. */
const REQUEST_BYTES_MAX = 64 * 1024 * 1024;

/** Listens on a socket that only this user can open, and serves one request per connection. */
export function serveEngine(
  socketPath: string,
  handlers: EngineHandlers,
  context: EngineContext,
): Promise<Server> {
  const server = createServer((socket) => serveConnection(socket, handlers, context));
  return new Promise((resolve, reject) => {
    server.once("error", reject);
    server.listen(socketPath, () => {
      chmodSync(socketPath, 0o600);
      resolve(server);
    });
  });
}

function serveConnection(socket: Socket, handlers: EngineHandlers, context: EngineContext): void {
  const gone = new AbortController();
  const parts: Uint8Array[] = [];
  let byteLength = 0;
  // A broken connection emits `close` as well, which cancels the work.
  socket.on("error", () => undefined);
  socket.on("close", () => gone.abort(new Error("the client closed the connection")));
  socket.on("data", onData);

  function onData(chunk: Uint8Array): void {
    parts.push(chunk);
    byteLength += chunk.length;
    const isWhole = chunk.includes(0x0a);
    if (!isWhole && byteLength <= REQUEST_BYTES_MAX) return;
    socket.off("data", onData);
    // Anything after the line is read and ignored, so that the end of the stream is noticed.
    socket.resume();
    void answer(socket, isWhole ? Buffer.concat(parts).toString("utf8") : "", handlers, context, gone.signal);
  }
}

async function answer(
  socket: Socket,
  line: string,
  handlers: EngineHandlers,
  context: EngineContext,
  signal: AbortSignal,
): Promise<void> {
  const call: EngineCall<unknown> = {
    signal,
    event: (value) => void socket.write(encodeJsonFrame("event", value)),
    bytes: (piece) => writeBytes(socket, piece, signal),
  };
  let last: Uint8Array;
  try {
    last = encodeJsonFrame("end", await handle(parseRequest(line), call, handlers, context));
  } catch (error) {
    last = encodeJsonFrame("error", toRecord(error));
  }
  if (!signal.aborted) socket.end(last);
}

/** Dispatches by operation. The table's types pair each operation with its own request, events and result. */
async function handle(
  request: EngineRequest,
  call: EngineCall<unknown>,
  handlers: EngineHandlers,
  context: EngineContext,
): Promise<unknown> {
  const handler = handlers[request.op] as
    | ((request: EngineRequest, call: EngineCall<unknown>, context: EngineContext) => Promise<unknown>)
    | undefined;
  if (handler === undefined) {
    throw new QuiverError(
      "engine-failed",
      `Cannot serve ${JSON.stringify(request.op)}: this engine process serves ${Object.keys(handlers).join(", ")}.`,
      { op: request.op },
    );
  }
  return handler(request, call, context);
}

function parseRequest(line: string): EngineRequest {
  const value: unknown = line === "" ? undefined : JSON.parse(line);
  if (typeof value !== "object" || value === null || !("op" in value)) {
    throw new QuiverError(
      "engine-failed",
      'Cannot read the request: expected one line of JSON with an "op".',
    );
  }
  return value as EngineRequest;
}

async function writeBytes(socket: Socket, piece: Uint8Array, signal: AbortSignal): Promise<void> {
  signal.throwIfAborted();
  socket.write(encodeFrameHeader("bytes", piece.length));
  if (socket.write(piece)) return;
  await new Promise<void>((resolve, reject) => {
    const done = () => {
      socket.off("drain", done);
      socket.off("close", done);
      if (signal.aborted || socket.destroyed) reject(new Error("the client closed the connection"));
      else resolve();
    };
    socket.on("drain", done);
    socket.on("close", done);
  });
}

function toRecord(error: unknown): ErrorRecord {
  if (error instanceof QuiverError) return toErrorRecord(error);
  const message = messageOf(error);
  const code = errorCodeOf(error);
  if (code !== undefined) return { code, message, facts: {} };
  if (isDiskFull(error)) {
    return { code: "spool-full", message: `Cannot continue: the disk is full (${message}).`, facts: {} };
  }
  const stack = error instanceof Error ? error.stack : undefined;
  return { code: "engine-failed", message: `The engine failed: ${message}`, facts: { stack } };
}
