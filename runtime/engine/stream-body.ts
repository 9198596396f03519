import type { Socket } from "node:net";
import type { EngineStream } from "./engine-client.ts";
import { decodeJson, type Frame } from "./frames.ts";

/** What may lie in memory between the engine and a slow reader. */
const BUFFER_BYTES_MAX = 1 << 20;

/** Sends a request and passes on each frame but the last, whose content it returns. */
export type Exchange<End> = (
  signal: AbortSignal,
  receive: (frame: Frame, socket: Socket) => void,
) => Promise<End>;

/**
 * Turns an exchange into an answer with a body. It resolves at the head. A reader that is slower than the engine
 * pauses the socket, and one that cancels aborts the request.
 */
export function streamBody<Head, End>(
  exchange: Exchange<End>,
  outer: AbortSignal | undefined,
): Promise<EngineStream<Head, End>> {
  const cancelled = new AbortController();
  const signal = AbortSignal.any([cancelled.signal, ...(outer === undefined ? [] : [outer])]);
  return new Promise((resolve, reject) => {
    let socketNow: Socket | undefined;
    let answered = false;
    const body = new ReadableStream<Uint8Array>(
      {
        start(controller) {
          const end = exchange(signal, ({ kind, payload }, socket) => {
            socketNow = socket;
            if (kind === "event" && !answered) {
              answered = true;
              resolve({ head: decodeJson(payload) as Head, body, end });
            } else if (kind === "bytes") {
              // The payload is a view of a larger chunk. It is passed on without a copy and never written to.
              controller.enqueue(payload);
              if ((controller.desiredSize ?? 0) <= 0) socket.pause();
            }
          });
          end.then(
            () => {
              if (!cancelled.signal.aborted) controller.close();
              reject(new Error("The engine answered without a head"));
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
      new ByteLengthQueuingStrategy({ highWaterMark: BUFFER_BYTES_MAX }),
    );
  });
}
