const SAMPLES = 1024;
/** For uniformly random bytes the expected sum of squared frequencies of a sample. */
const UNIFORM = SAMPLES + (SAMPLES * (SAMPLES - 1)) / 256;
/** Above it (about 7.8 bits a byte) a compressor finds something; below, it only searches. */
const NOISE_BELOW = UNIFORM * 1.12;
/** Above it (about 5.5 bits a byte) a stream is worth compressing even if others are noise. */
const WORTHWHILE_ABOVE = UNIFORM * 4;

/** Counts of byte values, one table a stream; made once per writer. */
export type NoiseTables = Uint16Array;

export function createNoiseTables(): NoiseTables {
  return new Uint16Array(8 * 256);
}

/**
 * How many of a float's first (least significant) byte streams are noise that no compressor shrinks, judged on a
 * sample. Zero also when storing them raw would leave something worthwhile uncompressed.
 */
export function noisyStreams(bytes: Uint8Array, width: 4 | 8, count: number, tables: NoiseTables): number {
  if (count < 4 * SAMPLES) return 0;
  tables.fill(0, 0, width * 256);
  const step = Math.floor(count / SAMPLES) * width;
  for (let sample = 0, at = 0; sample < SAMPLES; sample++, at += step) {
    for (let stream = 0; stream < width; stream++) tables[stream * 256 + bytes[at + stream]!]!++;
  }
  let noisy = 0;
  let worthwhile = false;
  for (let stream = 0; stream < width; stream++) {
    const squares = sumOfSquares(tables, stream);
    if (squares < NOISE_BELOW) {
      if (worthwhile) return 0;
      noisy = stream + 1;
    } else if (squares > WORTHWHILE_ABOVE) worthwhile = true;
  }
  return noisy;
}

function sumOfSquares(tables: NoiseTables, stream: number): number {
  let sum = 0;
  for (let i = stream * 256; i < stream * 256 + 256; i++) sum += tables[i]! * tables[i]!;
  return sum;
}
