/**
 * Parquet's BYTE_STREAM_SPLIT: first the first byte of every value, then the second, and so on. Sign and exponent
 * of neighbouring values, nearly equal, come to stand together, which is what a compressor needs.
 *
 * `starts` says where in `out` each of the eight streams begins.
 */
export function splitFloat64(words: Int32Array, count: number, out: Uint8Array, starts: Int32Array): void {
  const b0 = starts[0]!;
  const b1 = starts[1]!;
  const b2 = starts[2]!;
  const b3 = starts[3]!;
  const b4 = starts[4]!;
  const b5 = starts[5]!;
  const b6 = starts[6]!;
  const b7 = starts[7]!;
  for (let i = 0; i < count; i++) {
    const low = words[2 * i]!;
    const high = words[2 * i + 1]!;
    out[b0 + i] = low;
    out[b1 + i] = low >>> 8;
    out[b2 + i] = low >>> 16;
    out[b3 + i] = low >>> 24;
    out[b4 + i] = high;
    out[b5 + i] = high >>> 8;
    out[b6 + i] = high >>> 16;
    out[b7 + i] = high >>> 24;
  }
}

/** The same for 32-bit floats: four streams. */
export function splitFloat32(words: Int32Array, count: number, out: Uint8Array, starts: Int32Array): void {
  const b0 = starts[0]!;
  const b1 = starts[1]!;
  const b2 = starts[2]!;
  const b3 = starts[3]!;
  for (let i = 0; i < count; i++) {
    const word = words[i]!;
    out[b0 + i] = word;
    out[b1 + i] = word >>> 8;
    out[b2 + i] = word >>> 16;
    out[b3 + i] = word >>> 24;
  }
}
