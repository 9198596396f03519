import type { EngineCall } from "../engine-handler.ts";

/** A frame of many small pieces costs as much as one of a few large ones; larger than this gains nothing. */
const PIECE_BYTES = 256 * 1024;

/** Sends the head with the first bytes, so that what fails before them still has a status of its own; then the rest. */
export async function sendBody(
  call: EngineCall,
  head: unknown,
  body: AsyncIterable<Uint8Array>,
): Promise<void> {
  let held: Uint8Array[] = [];
  let heldBytes = 0;
  let isHeadSent = false;
  const flush = async () => {
    if (!isHeadSent) call.event(head);
    isHeadSent = true;
    const piece = held.length === 1 ? held[0]! : Buffer.concat(held);
    held = [];
    heldBytes = 0;
    if (piece.length > 0) await call.bytes(piece);
  };
  for await (const piece of body) {
    held.push(piece);
    heldBytes += piece.length;
    if (heldBytes >= PIECE_BYTES) await flush();
  }
  await flush();
}
