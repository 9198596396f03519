import { writeVarint, zigzag } from "./varint.ts";

const BLOCK_VALUES = 128;
const MINIBLOCKS = 4;
const MINIBLOCK_VALUES = BLOCK_VALUES / MINIBLOCKS;

/** Bytes that any `count` values take at most. */
export function deltaBinaryPackedBytesMax(count: number): number {
  return 32 + Math.ceil(count / BLOCK_VALUES) * (10 + MINIBLOCKS + BLOCK_VALUES * 8);
}

/**
 * Parquet's DELTA_BINARY_PACKED: the first value, then blocks of 128 differences, each less the block's smallest
 * one and packed with as few bits as its 32 neighbours need. `values` are integers that doubles hold exactly.
 * Gives the length written to `out` (see `deltaBinaryPackedBytesMax`).
 */
export function encodeDeltaBinaryPacked(
  values: Float64Array | Int32Array,
  count: number,
  out: Uint8Array,
): number {
  let at = writeVarint(out, 0, BLOCK_VALUES);
  at = writeVarint(out, at, MINIBLOCKS);
  at = writeVarint(out, at, count);
  at = writeVarint(out, at, zigzag(count === 0 ? 0 : values[0]!));
  const deltas = new Float64Array(BLOCK_VALUES);
  for (let from = 1; from < count; from += BLOCK_VALUES) {
    const size = Math.min(BLOCK_VALUES, count - from);
    const smallest = takeDeltas(values, from, size, deltas);
    at = writeVarint(out, at, zigzag(smallest));
    const widthsAt = at;
    at += MINIBLOCKS;
    for (let mini = 0; mini < MINIBLOCKS; mini++) {
      const first = mini * MINIBLOCK_VALUES;
      // Miniblocks beyond the last value have width 0 and no bytes.
      const width = first < size ? bitWidth(largest(deltas, first)) : 0;
      out[widthsAt + mini] = width;
      pack(deltas, first, width, out, at);
      at += width * (MINIBLOCK_VALUES / 8);
    }
  }
  return at;
}

/** Differences from `from - 1` on, less the smallest of them, zeros behind the last; gives the smallest. */
function takeDeltas(
  values: Float64Array | Int32Array,
  from: number,
  size: number,
  deltas: Float64Array,
): number {
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

/** Packs 32 values, lowest bits first; `out` need not be zero there. */
function pack(deltas: Float64Array, first: number, width: number, out: Uint8Array, offset: number): void {
  if (width === 0) return;
  if (width <= 24) packNarrow(deltas, first, width, out, offset);
  else packWide(deltas, first, width, out, offset);
}

/** Up to 24 bits a value: with the 7 that may wait in the accumulator they fit 32. */
function packNarrow(
  deltas: Float64Array,
  first: number,
  width: number,
  out: Uint8Array,
  offset: number,
): void {
  let at = offset;
  let waiting = 0;
  let waitingBits = 0;
  for (let i = first; i < first + MINIBLOCK_VALUES; i++) {
    waiting |= deltas[i]! << waitingBits;
    waitingBits += width;
    while (waitingBits >= 8) {
      out[at++] = waiting;
      waiting >>>= 8;
      waitingBits -= 8;
    }
  }
}

/** Any width up to 54, byte by byte in doubles. */
function packWide(deltas: Float64Array, first: number, width: number, out: Uint8Array, offset: number): void {
  out.fill(0, offset, offset + width * (MINIBLOCK_VALUES / 8));
  let bit = offset * 8;
  for (let i = first; i < first + MINIBLOCK_VALUES; i++) {
    let rest = deltas[i]!;
    let left = width;
    while (left > 0) {
      const shift = bit & 7;
      const taken = Math.min(8 - shift, left);
      const scale = 2 ** taken;
      out[bit >> 3]! |= (rest % scale) << shift;
      rest = Math.floor(rest / scale);
      bit += taken;
      left -= taken;
    }
  }
}
