const SAMPLES = 1024;
/** For uniformly random bytes the expected sum of squared frequencies of a sample. */
const UNIFORM = SAMPLES + (SAMPLES * (SAMPLES - 1)) / 256;
/** Above it (about 7.8 bits a byte) a compressor finds something; below, it only searches. */
const NOISE_BELOW = UNIFORM * 1.12;
/** Above it (about 5.5 bits a byte) a stream is worth compressing even if others are noise. */
const WORTHWHILE_ABOVE = UNIFORM * 4;

/** Values remembered, and later ones looked up among them, to notice a series that comes again and again. */
const REMEMBERED = 4096;
const LOOKED_UP = 512;
/** By chance one in 16 is taken for a known one. */
const REPEATED_ABOVE = LOOKED_UP / 4;

/** Memory for the samples; made once per writer. */
export interface NoiseTables {
  /** Counts of byte values, one table a stream. */
  readonly counts: Uint16Array;
  /** Marks of values seen, by 16 bits of them. */
  readonly seen: Uint8Array;
}

export function createNoiseTables(): NoiseTables {
  return { counts: new Uint16Array(8 * 256), seen: new Uint8Array(0x1_0000) };
}

/**
 * How many of a float's first (least significant) byte streams are noise that no compressor shrinks, judged on a
 * sample. Zero also when storing them raw would leave something worthwhile uncompressed: another stream further
 * ahead, or a whole series that several symbols share.
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

/** Whether values from all over the page are mostly among its first ones; told by their lowest 16 bits. */
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
