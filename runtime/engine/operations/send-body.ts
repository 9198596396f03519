import type { EngineCall } from "../engine-handler.ts";

/** Small pieces are joined up to this size, because every frame has a cost of its own. Larger frames gain nothing. */
const PIECE_BYTES = 256 * 1024;

/** Sends the head together with the first bytes, so that a failure before them still has a status of its own. */
export async function sendBody<Head>(
  call: EngineCall<Head>,
  head: Head,
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
