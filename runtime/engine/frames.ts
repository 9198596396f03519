import type { EngineFrameKind } from "../../shared/protocol/engine.ts";

/** A frame on the wire: one byte of kind, four of payload length (little-endian), the payload. */
export const FRAME_HEADER_BYTES = 5;

/** Longer payloads are a damaged stream; a sender cuts its body into smaller pieces. */
const FRAME_PAYLOAD_BYTES_MAX = 1 << 28;

const KINDS: readonly EngineFrameKind[] = ["event", "bytes", "end", "error"];

export interface Frame {
  readonly kind: EngineFrameKind;
  /** A view of received memory: copy it to keep it beyond the callback. */
  readonly payload: Uint8Array;
}

/** Header and payload of one frame, to be written one after the other. */
export function encodeFrameHeader(kind: EngineFrameKind, byteLength: number): Uint8Array {
  const header = new Uint8Array(FRAME_HEADER_BYTES);
  header[0] = KINDS.indexOf(kind);
  new DataView(header.buffer).setUint32(1, byteLength, true);
  return header;
}

/** A whole JSON frame. */
export function encodeJsonFrame(kind: Exclude<EngineFrameKind, "bytes">, value: unknown): Uint8Array {
  const payload = new TextEncoder().encode(JSON.stringify(value ?? null));
  const frame = new Uint8Array(FRAME_HEADER_BYTES + payload.length);
  frame.set(encodeFrameHeader(kind, payload.length));
  frame.set(payload, FRAME_HEADER_BYTES);
  return frame;
}

export function decodeJson(payload: Uint8Array): unknown {
  return JSON.parse(new TextDecoder().decode(payload));
}

/**
 * Cuts a stream of chunks into frames. `push` calls back once per whole frame, in order, and throws when the
 * stream cannot be one of frames.
 */
export function createFrameReader(onFrame: (frame: Frame) => void): { push(chunk: Uint8Array): void } {
  // Chunks are joined only when a frame lies across two of them.
  let held: Uint8Array[] = [];
  let heldBytes = 0;
  let wanted = FRAME_HEADER_BYTES;

  function push(chunk: Uint8Array): void {
    held.push(chunk);
    heldBytes += chunk.length;
    if (heldBytes < wanted) return;
    const bytes = held.length === 1 ? chunk : concatenated(held, heldBytes);
    let offset = 0;
    wanted = FRAME_HEADER_BYTES;
    while (bytes.length - offset >= FRAME_HEADER_BYTES) {
      const kind = KINDS[bytes[offset]!];
      const byteLength = new DataView(bytes.buffer, bytes.byteOffset + offset).getUint32(1, true);
      if (kind === undefined || byteLength > FRAME_PAYLOAD_BYTES_MAX) {
        throw new Error(`Cannot read the engine's answer: byte ${bytes[offset]} starts no frame`);
      }
      const end = offset + FRAME_HEADER_BYTES + byteLength;
      if (end > bytes.length) {
        wanted = end - offset;
        break;
      }
      onFrame({ kind, payload: bytes.subarray(offset + FRAME_HEADER_BYTES, end) });
      offset = end;
    }
    held = offset === bytes.length ? [] : [bytes.subarray(offset)];
    heldBytes = bytes.length - offset;
  }

  return { push };
}

function concatenated(chunks: readonly Uint8Array[], byteLength: number): Uint8Array {
  const bytes = new Uint8Array(byteLength);
  let offset = 0;
  for (const chunk of chunks) {
    bytes.set(chunk, offset);
    offset += chunk.length;
  }
  return bytes;
}
