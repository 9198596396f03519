import { packMiniblock, packWideMiniblock } from "./pack-miniblock.ts";
import { writeVarint, zigzag } from "./varint.ts";

const BLOCK_VALUES = 128;
const MINIBLOCKS = 4;
const MINIBLOCK_VALUES = BLOCK_VALUES / MINIBLOCKS;

/** The maximum number of bytes for `count` values. */
export function deltaBinaryPackedBytesMax(count: number): number {
  return 32 + Math.ceil(count / BLOCK_VALUES) * (10 + MINIBLOCKS + BLOCK_VALUES * 8);
}

/**
 * Parquet's DELTA_BINARY_PACKED: the first value, then blocks of 128 differences, each relative to the block's
 * smallest and packed with only as many bits as its group of 32 needs. No two of the values may be 2^31 or more apart.
 * Returns the length written to `out` (see `deltaBinaryPackedBytesMax`).
 */
export function encodeDeltaInt32(values: Int32Array, count: number, out: Uint8Array): number {
  let at = writeHeader(out, count, count === 0 ? 0 : values[0]!);
  const deltas = new Int32Array(BLOCK_VALUES);
  for (let from = 1; from < count; from += BLOCK_VALUES) {
    const size = Math.min(BLOCK_VALUES, count - from);
    const smallest = takeDeltasInt32(values, from, size, deltas);
    at = writeVarint(out, at, zigzag(smallest));
    const widthsAt = at;
    at += MINIBLOCKS;
    for (let mini = 0; mini < MINIBLOCKS; mini++) {
      const width = relativeWidth(deltas, mini * MINIBLOCK_VALUES, smallest);
      out[widthsAt + mini] = width;
      if (width === 0) continue;
      packMiniblock(deltas, mini * MINIBLOCK_VALUES, width, out, at);
      at += width * (MINIBLOCK_VALUES / 8);
    }
  }
  return at;
}

/** The same for integers that doubles represent exactly, including their differences: all within ±2^51. */
export function encodeDeltaFloat64(values: Float64Array, count: number, out: Uint8Array): number {
  let at = writeHeader(out, count, count === 0 ? 0 : values[0]!);
  const deltas = new Float64Array(BLOCK_VALUES);
  const narrow = new Int32Array(MINIBLOCK_VALUES);
  for (let from = 1; from < count; from += BLOCK_VALUES) {
    const size = Math.min(BLOCK_VALUES, count - from);
    const smallest = takeDeltasFloat64(values, from, size, deltas);
    at = writeVarint(out, at, zigzag(smallest));
    const widthsAt = at;
    at += MINIBLOCKS;
    for (let mini = 0; mini < MINIBLOCKS; mini++) {
      const first = mini * MINIBLOCK_VALUES;
      const width = bitWidth(largest(deltas, first));
      out[widthsAt + mini] = width;
      if (width === 0) continue;
      if (width < 32) {
        for (let i = 0; i < MINIBLOCK_VALUES; i++) narrow[i] = deltas[first + i]!;
        packMiniblock(narrow, 0, width, out, at);
      } else packWideMiniblock(deltas, first, width, out, at);
      at += width * (MINIBLOCK_VALUES / 8);
    }
  }
  return at;
}

function writeHeader(out: Uint8Array, count: number, firstValue: number): number {
  let at = writeVarint(out, 0, BLOCK_VALUES);
  at = writeVarint(out, at, MINIBLOCKS);
  at = writeVarint(out, at, count);
  return writeVarint(out, at, zigzag(firstValue));
}

/**
 * Writes the differences from `from - 1` on, padded with the smallest one (zero once made relative). Returns the
 * smallest.
 */
function takeDeltasInt32(values: Int32Array, from: number, size: number, deltas: Int32Array): number {
  let smallest = 0x7fff_ffff;
  let previous = values[from - 1]!;
  for (let i = 0; i < size; i++) {
    const value = values[from + i]!;
    const delta = (value - previous) | 0;
    previous = value;
    deltas[i] = delta;
    if (delta < smallest) smallest = delta;
  }
  for (let i = size; i < BLOCK_VALUES; i++) deltas[i] = smallest;
  return smallest;
}

/** Makes 32 deltas relative to the smallest; returns the number of bits the largest needs. */
function relativeWidth(deltas: Int32Array, first: number, smallest: number): number {
  let bits = 0;
  for (let i = first; i < first + MINIBLOCK_VALUES; i++) {
    const relative = (deltas[i]! - smallest) | 0;
    deltas[i] = relative;
    bits |= relative;
  }
  return 32 - Math.clz32(bits);
}

/** Like `takeDeltasInt32`, but already relative to the smallest. */
function takeDeltasFloat64(values: Float64Array, from: number, size: number, deltas: Float64Array): number {
  let smallest = Infinity;
  let previous = values[from - 1]!;
  for (let i = 0; i < size; i++) {
    const value = values[from + i]!;
    const delta = value - previous;
    previous = value;
    deltas[i] = delta;
    if (delta < smallest) smallest = delta;
  }
  for (let i = 0; i < size; i++) deltas[i]! -= smallest;
  deltas.fill(0, size);
  return smallest;
}

function largest(deltas: Float64Array, first: number): number {
  let result = 0;
  for (let i = first; i < first + MINIBLOCK_VALUES; i++) if (deltas[i]! > result) result = deltas[i]!;
  return result;
}

function bitWidth(value: number): number {
  return value < 0x1_0000_0000 ? 32 - Math.clz32(value) : 64 - Math.clz32(Math.floor(value / 0x1_0000_0000));
}
