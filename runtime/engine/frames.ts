import type { EngineFrameKind } from "../../shared/protocol/engine.ts";

/** A frame on the wire: one byte of kind, four bytes of payload length (little-endian), the payload. */
export const FRAME_HEADER_BYTES = 5;

/** A longer payload means a damaged stream, because senders cut their bodies into smaller pieces. */
const FRAME_PAYLOAD_BYTES_MAX = 1 << 28;

const KINDS: readonly EngineFrameKind[] = ["event", "bytes", "end", "error"];

export interface Frame {
  readonly kind: EngineFrameKind;
  /** A view of received memory. Copy it to keep it after the callback. */
  readonly payload: Uint8Array;
}

/** The header of a frame, to be written before its payload. */
export function encodeFrameHeader(kind: EngineFrameKind, byteLength: number): Uint8Array {
  const header = new Uint8Array(FRAME_HEADER_BYTES);
  header[0] = KINDS.indexOf(kind);
  new DataView(header.buffer).setUint32(1, byteLength, true);
  return header;
}

/** A complete frame of JSON. */
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
 * Cuts a stream of chunks into frames. `push` calls back once per complete frame, in order, and throws if the stream
 * does not consist of frames.
 */
export function createFrameReader(onFrame: (frame: Frame) => void): { push(chunk: Uint8Array): void } {
  // Chunks are joined only if a frame spans two of them.
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
        throw new Error(`Cannot read the engine's answer: no frame starts with byte ${bytes[offset]}`);
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
