/** The type of a dictionary, and of the array its indices are expanded into. */
export type Expandable = Int32Array | Float32Array | Float64Array;

/**
 * Expands Parquet's hybrid of run lengths and bit-packed groups of eight through a dictionary: `target[at + i] =
 * dictionary[index i]`. Throws a RangeError if the bytes end before `count` indices.
 */
export function expandIndices(
  bytes: Uint8Array,
  start: number,
  bitWidth: number,
  count: number,
  dictionary: Expandable,
  target: Expandable,
  at: number,
): void {
  eachRun(bytes, start, bitWidth, count, {
    repeated(index, from, length) {
      checkIndex(index, dictionary.length);
      target.fill(dictionary[index]!, at + from, at + from + length);
    },
    packed: (view, byteOffset, from, length) =>
      unpack(view, byteOffset, bitWidth, length, dictionary, target, at + from),
  });
}

/**
 * The same for eight-byte values, as two halves each, so that no bigint is created and any bit pattern is preserved.
 */
export function expandPairs(
  bytes: Uint8Array,
  start: number,
  bitWidth: number,
  count: number,
  dictionary: Int32Array,
  target: Int32Array,
  at: number,
): void {
  eachRun(bytes, start, bitWidth, count, {
    repeated(index, from, length) {
      checkIndex(index, dictionary.length >> 1);
      for (let i = at + from; i < at + from + length; i++) {
        target[2 * i] = dictionary[2 * index]!;
        target[2 * i + 1] = dictionary[2 * index + 1]!;
      }
    },
    packed: (view, byteOffset, from, length) =>
      unpackPairs(view, byteOffset, bitWidth, length, dictionary, target, at + from),
  });
}

/** Expands definition levels of width 1 to bytes, 1 for a value; null if every value is present. */
export function expandLevels(bytes: Uint8Array, start: number, count: number): Uint8Array | null {
  let valid: Uint8Array | null = null;
  eachRun(bytes, start, 1, count, {
    repeated(level, from, length) {
      if (level === 1 && valid === null) return;
      valid ??= new Uint8Array(count).fill(1, 0, from);
      valid.fill(level, from, from + length);
    },
    packed(view, byteOffset, from, length) {
      valid ??= new Uint8Array(count).fill(1, 0, from);
      for (let i = 0; i < length; i++) {
        valid[from + i] = (view.getUint8(byteOffset + (i >> 3)) >> (i & 7)) & 1;
      }
    },
  });
  return valid;
}

interface Runs {
  repeated(value: number, from: number, length: number): void;
  packed(view: DataView, byteOffset: number, from: number, length: number): void;
}

function eachRun(bytes: Uint8Array, start: number, bitWidth: number, count: number, runs: Runs): void {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const valueBytes = (bitWidth + 7) >> 3;
  let position = start;
  let done = 0;
  while (done < count) {
    let header = 0;
    for (let shift = 0; ; shift += 7) {
      const byte = view.getUint8(position++);
      header |= (byte & 127) << shift;
      if (byte < 128) break;
      if (shift > 28) throw new RangeError("a run's length does not end");
    }
    const isPacked = (header & 1) === 1;
    const stated = isPacked ? (header >>> 1) * 8 : header >>> 1;
    if (stated === 0) throw new RangeError("a run of no values");
    const length = Math.min(stated, count - done);
    if (isPacked) {
      runs.packed(view, position, done, length);
      position += (header >>> 1) * bitWidth;
    } else {
      let value = 0;
      for (let i = 0; i < valueBytes; i++) value |= view.getUint8(position++) << (8 * i);
      runs.repeated(value, done, length);
    }
    done += length;
  }
}

/** A separate hot loop: inside a larger function its cost varies by half. */
function unpack(
  view: DataView,
  byteOffset: number,
  bitWidth: number,
  length: number,
  dictionary: Expandable,
  target: Expandable,
  at: number,
): void {
  const mask = 2 ** bitWidth - 1;
  const wide = wordsIn(view, byteOffset, bitWidth, length);
  let bit = 0;
  let largest = 0;
  for (let i = 0; i < wide; i++, bit += bitWidth) {
    const index = (view.getUint32(byteOffset + (bit >>> 3), true) >>> (bit & 7)) & mask;
    if (index > largest) largest = index;
    target[at + i] = dictionary[index]!;
  }
  for (let i = wide; i < length; i++, bit += bitWidth) {
    const index = (lastWord(view, byteOffset + (bit >>> 3)) >>> (bit & 7)) & mask;
    if (index > largest) largest = index;
    target[at + i] = dictionary[index]!;
  }
  checkIndex(largest, dictionary.length);
}

function unpackPairs(
  view: DataView,
  byteOffset: number,
  bitWidth: number,
  length: number,
  dictionary: Int32Array,
  target: Int32Array,
  at: number,
): void {
  const mask = 2 ** bitWidth - 1;
  const wide = wordsIn(view, byteOffset, bitWidth, length);
  let bit = 0;
  let largest = 0;
  for (let i = 0; i < length; i++, bit += bitWidth) {
    const position = byteOffset + (bit >>> 3);
    const word = i < wide ? view.getUint32(position, true) : lastWord(view, position);
    const index = (word >>> (bit & 7)) & mask;
    if (index > largest) largest = index;
    target[2 * (at + i)] = dictionary[2 * index]!;
    target[2 * (at + i) + 1] = dictionary[2 * index + 1]!;
  }
  checkIndex(largest, dictionary.length >> 1);
}

/** The number of indices that can be read as words of four bytes; such a word contains any index of up to 24 bits. */
function wordsIn(view: DataView, byteOffset: number, bitWidth: number, length: number): number {
  if (bitWidth > 24) throw new RangeError(`indices of ${bitWidth} bits`);
  const bitsThere = (view.byteLength - byteOffset) * 8;
  if (length * bitWidth > bitsThere) throw new RangeError("a page ends within its values");
  const inWords = bitWidth === 0 ? length : Math.floor((bitsThere - 32) / bitWidth) + 1;
  return Math.max(0, Math.min(length, inWords));
}

/** Reads four bytes, with zeros after the end. */
function lastWord(view: DataView, position: number): number {
  let word = 0;
  for (let i = 0; i < 4 && position + i < view.byteLength; i++)
    word |= view.getUint8(position + i) << (8 * i);
  return word;
}

function checkIndex(index: number, size: number): void {
  if (index >= size) throw new RangeError(`index ${index} into a dictionary of ${size}`);
}
