const SAMPLES = 1024;
/** The expected sum of squared frequencies for a sample of uniformly random bytes. */
const UNIFORM = SAMPLES + (SAMPLES * (SAMPLES - 1)) / 256;
/** Above this (about 7.8 bits per byte) a compressor finds something; below, it only searches. */
const NOISE_BELOW = UNIFORM * 1.12;
/** Above this (about 5.5 bits per byte) a stream is worth compressing even if others are noise. */
const WORTHWHILE_ABOVE = UNIFORM * 4;

/** Number of values remembered, and of later values looked up among them, to notice a repeating series. */
const REMEMBERED = 4096;
const LOOKED_UP = 512;
/** By chance, one in 16 is mistaken for a known value. */
const REPEATED_ABOVE = LOOKED_UP / 4;

/** Memory for the samples, created once per writer. */
export interface NoiseTables {
  /** Counts of byte values, one table per stream. */
  readonly counts: Uint16Array;
  /** Marks of the values seen, by 16 of their bits. */
  readonly seen: Uint8Array;
}

export function createNoiseTables(): NoiseTables {
  return { counts: new Uint16Array(8 * 256), seen: new Uint8Array(0x1_0000) };
}

/**
 * Returns how many of a float's first (least significant) byte streams are noise that no compressor can shrink,
 * judging by a sample. Returns zero also if storing them raw would leave something worthwhile uncompressed: an earlier
 * stream, or a whole series shared by several symbols.
 */
export function noisyStreams(
  bytes: Uint8Array,
  words: Int32Array,
  width: 4 | 8,
  count: number,
  tables: NoiseTables,
): number {
  if (count < 2 * REMEMBERED) return 0;
  const noisy = streamsOfNoise(bytes, width, count, tables.counts);
  return noisy > 0 && isRepeated(words, width / 4, count, tables.seen) ? 0 : noisy;
}

function streamsOfNoise(bytes: Uint8Array, width: 4 | 8, count: number, counts: Uint16Array): number {
  counts.fill(0, 0, width * 256);
  const step = Math.floor(count / SAMPLES) * width;
  for (let sample = 0, at = 0; sample < SAMPLES; sample++, at += step) {
    for (let stream = 0; stream < width; stream++) counts[stream * 256 + bytes[at + stream]!]!++;
  }
  let noisy = 0;
  let worthwhile = false;
  for (let stream = 0; stream < width; stream++) {
    const squares = sumOfSquares(counts, stream);
    if (squares < NOISE_BELOW) {
      if (worthwhile) return 0;
      noisy = stream + 1;
    } else if (squares > WORTHWHILE_ABOVE) worthwhile = true;
  }
  return noisy;
}

function sumOfSquares(counts: Uint16Array, stream: number): number {
  let sum = 0;
  for (let i = stream * 256; i < stream * 256 + 256; i++) sum += counts[i]! * counts[i]!;
  return sum;
}

/** Whether values from across the page mostly occur among its first ones, judging by their lowest 16 bits. */
function isRepeated(words: Int32Array, wordsPerValue: number, count: number, seen: Uint8Array): boolean {
  seen.fill(0);
  for (let i = 0; i < REMEMBERED; i++) seen[words[i * wordsPerValue]! & 0xffff] = 1;
  const step = Math.floor((count - REMEMBERED) / LOOKED_UP);
  let known = 0;
  for (let i = REMEMBERED; i < REMEMBERED + LOOKED_UP * step; i += step) {
    known += seen[words[i * wordsPerValue]! & 0xffff]!;
  }
  return known > REPEATED_ABOVE;
}
