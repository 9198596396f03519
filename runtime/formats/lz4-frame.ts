/**
 * Decodes an LZ4 frame (lz4_Frame_format.md 1.6.3), the compression of Arrow buffers. Skips checksums, because the
 * connection that carried the bytes has its own. Throws a RangeError if the frame is damaged or holds more than
 * `byteLengthMax`.
 */
export function decodeLz4Frame(frame: Uint8Array, byteLengthMax: number): Uint8Array {
  const view = new DataView(frame.buffer, frame.byteOffset, frame.byteLength);
  if (view.getUint32(0, true) !== MAGIC) throw new RangeError("not an LZ4 frame");
  const flags = view.getUint8(4);
  if (flags >> 6 !== 1) throw new RangeError("an LZ4 frame of an unknown version");
  const hasBlockChecksums = (flags & 0x10) !== 0;
  // Magic, flags and block size; a content size and a dictionary id if announced; then a checksum.
  let at = 6 + ((flags & 0x08) === 0 ? 0 : 8) + ((flags & 0x01) === 0 ? 0 : 4) + 1;
  const output = new Output(Math.min(byteLengthMax, frame.length * 4 + 64), byteLengthMax);
  for (;;) {
    const header = view.getUint32(at, true);
    at += 4;
    if (header === 0) return output.bytes();
    const length = header & 0x7fffffff;
    if (at + length > frame.length) throw new RangeError("a block of the LZ4 frame is cut short");
    const block = frame.subarray(at, at + length);
    if (header >>> 31 === 1) output.append(block);
    else decodeBlock(block, output);
    at += length + (hasBlockChecksums ? 4 : 0);
  }
}

const MAGIC = 0x184d2204;

/** Each sequence is literals and a match: a copy of bytes that begin `distance` before the end of the output. */
function decodeBlock(block: Uint8Array, output: Output): void {
  let at = 0;
  const byte = () => {
    if (at >= block.length) throw new RangeError("an LZ4 block is cut short");
    return block[at++]!;
  };
  const lengthFrom = (nibble: number) => {
    let length = nibble;
    if (nibble === 15) {
      let more: number;
      do length += more = byte();
      while (more === 255);
    }
    return length;
  };
  while (at < block.length) {
    const token = byte();
    const literalLength = lengthFrom(token >> 4);
    if (at + literalLength > block.length) throw new RangeError("an LZ4 block is cut short");
    output.append(block.subarray(at, at + literalLength));
    at += literalLength;
    // The last sequence of a block has literals only.
    if (at === block.length) return;
    const distance = byte() | (byte() << 8);
    output.repeat(distance, lengthFrom(token & 15) + 4);
  }
}

class Output {
  #bytes: Uint8Array;
  #length = 0;
  readonly #lengthMax: number;

  constructor(capacity: number, lengthMax: number) {
    this.#bytes = new Uint8Array(capacity);
    this.#lengthMax = lengthMax;
  }

  bytes(): Uint8Array {
    return this.#bytes.subarray(0, this.#length);
  }

  append(bytes: Uint8Array): void {
    this.#reserve(bytes.length);
    this.#bytes.set(bytes, this.#length);
    this.#length += bytes.length;
  }

  repeat(distance: number, length: number): void {
    const from = this.#length - distance;
    if (distance === 0 || from < 0) throw new RangeError("an LZ4 match points before the output");
    this.#reserve(length);
    // A match may overlap what it writes; its bytes then repeat.
    if (distance >= length) this.#bytes.copyWithin(this.#length, from, from + length);
    else for (let i = 0; i < length; i++) this.#bytes[this.#length + i] = this.#bytes[from + i]!;
    this.#length += length;
  }

  #reserve(length: number): void {
    const needed = this.#length + length;
    if (needed > this.#lengthMax)
      throw new RangeError(`an LZ4 frame holds more than ${this.#lengthMax} bytes`);
    if (needed <= this.#bytes.length) return;
    const grown = new Uint8Array(Math.min(this.#lengthMax, Math.max(needed, this.#bytes.length * 2)));
    grown.set(this.#bytes.subarray(0, this.#length));
    this.#bytes = grown;
  }
}
