import { writeVarint } from "./varint.ts";

/**
 * Records which rows of a page hold a value, as runs, and writes them as Parquet's definition levels (bit width 1).
 * Nulls of features occur in runs (warm-up); a page with scattered nulls falls back to one bit per row.
 */
export class DefinitionLevels {
  /** Lengths of alternating runs. Even ones hold values, so the first may have length 0. */
  readonly #runs: Int32Array;
  readonly #bytes: Uint8Array;
  #last = 0;
  #rowCount = 0;

  constructor(rowCountMax: number) {
    this.#runs = new Int32Array(rowCountMax + 2);
    this.#bytes = new Uint8Array(Math.ceil(rowCountMax / 8) + 16);
  }

  reset(): void {
    this.#last = 0;
    this.#rowCount = 0;
    this.#runs[0] = 0;
  }

  /** Adds rows, of which those at the given offsets (ascending) are null. */
  add(
    rowCount: number,
    nullOffsets: Int32Array,
    nullFrom: number,
    nullTo: number,
    firstOffset: number,
  ): void {
    let done = 0;
    for (let k = nullFrom; k < nullTo;) {
      const at = nullOffsets[k]! - firstOffset;
      let end = at + 1;
      for (k++; k < nullTo && nullOffsets[k]! - firstOffset === end; k++) end++;
      if (at > done) this.#push(0, at - done);
      this.#push(1, end - at);
      done = end;
    }
    if (rowCount > done) this.#push(0, rowCount - done);
    this.#rowCount += rowCount;
  }

  /** Returns a view that is valid until the next call. */
  encode(): Uint8Array {
    // A run takes two or three bytes.
    return (this.#last + 1) * 2 > this.#rowCount / 8 ? this.#encodeBits() : this.#encodeRuns();
  }

  #push(parity: 0 | 1, length: number): void {
    if ((this.#last & 1) !== parity) this.#runs[++this.#last] = 0;
    this.#runs[this.#last]! += length;
  }

  #encodeRuns(): Uint8Array {
    let at = 0;
    for (let run = 0; run <= this.#last; run++) {
      const length = this.#runs[run]!;
      if (length === 0) continue;
      at = writeVarint(this.#bytes, at, length * 2);
      this.#bytes[at++] = 1 - (run & 1);
    }
    return this.#bytes.subarray(0, at);
  }

  #encodeBits(): Uint8Array {
    const groups = Math.ceil(this.#rowCount / 8);
    const start = writeVarint(this.#bytes, 0, groups * 2 + 1);
    const bits = this.#bytes.subarray(start, start + groups);
    bits.fill(0);
    let row = 0;
    for (let run = 0; run <= this.#last; run++) {
      const end = row + this.#runs[run]!;
      if ((run & 1) === 1) row = end;
      else for (; row < end; row++) bits[row >> 3]! |= 1 << (row & 7);
    }
    return this.#bytes.subarray(0, start + groups);
  }
}
