/** The parts of the Zstandard format (RFC 8878) needed to write parts of a frame ourselves. */

/** Magic number, descriptor (single segment, content size in four bytes), content size. */
export const FRAME_HEADER_BYTES = 9;
export const BLOCK_HEADER_BYTES = 3;

export function writeFrameHeader(out: Uint8Array, contentByteLength: number): void {
  const view = new DataView(out.buffer, out.byteOffset);
  view.setUint32(0, 0xfd2fb528, true);
  out[4] = 0xa0;
  view.setUint32(5, contentByteLength, true);
}

/** Writes the header of a raw block that is not the last of its frame. */
export function writeRawBlockHeader(out: Uint8Array, offset: number, byteLength: number): void {
  const header = byteLength << 3;
  out[offset] = header;
  out[offset + 1] = header >>> 8;
  out[offset + 2] = header >>> 16;
}

/**
 * The blocks of a frame without its header and checksum. A compressed block refers only backwards, by distance, to
 * what its own frame has produced, so blocks remain valid behind raw blocks in another frame.
 */
export function blocksOf(frame: Uint8Array): Uint8Array {
  const descriptor = frame[4]!;
  const sizeCode = descriptor >>> 6;
  const singleSegment = (descriptor >>> 5) & 1;
  const hasChecksum = (descriptor >>> 2) & 1;
  const dictionaryIdBytes = [0, 1, 2, 4][descriptor & 3]!;
  const contentSizeBytes = sizeCode === 0 ? singleSegment : 1 << sizeCode;
  const headerBytes = 5 + (1 - singleSegment) + dictionaryIdBytes + contentSizeBytes;
  return frame.subarray(headerBytes, frame.length - 4 * hasChecksum);
}
