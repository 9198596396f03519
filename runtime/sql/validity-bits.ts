/** Collects DuckDB's validity masks into one bitmap, which does not exist until a row is null. */
export class ValidityBits {
  #bits: Uint8Array | undefined;
  #rowCount = 0;
  #nullCount = 0;

  /** `mask` has one bit per row, least significant first, 1 for a value. Undefined means that no row is null. */
  append(mask: Uint8Array | undefined, rowCount: number): void {
    const start = this.#rowCount;
    this.#rowCount += rowCount;
    if (mask === undefined && this.#bits === undefined) return;
    const bits = this.#bitsFor(start);
    for (let row = 0; row < rowCount; row++) {
      if (mask !== undefined && ((mask[row >> 3]! >> (row & 7)) & 1) === 0) this.#nullCount++;
      else bits[(start + row) >> 3]! |= 1 << ((start + row) & 7);
    }
  }

  take(): { nullCount: number; validity?: Uint8Array } {
    const nullCount = this.#nullCount;
    const validity = this.#bits?.subarray(0, Math.ceil(this.#rowCount / 8));
    this.#bits = undefined;
    this.#rowCount = 0;
    this.#nullCount = 0;
    return nullCount === 0 || validity === undefined ? { nullCount: 0 } : { nullCount, validity };
  }

  /** The bitmap, with room for all rows. The `start` rows before the first mask are values. */
  #bitsFor(start: number): Uint8Array {
    const needed = Math.ceil(this.#rowCount / 8);
    if (this.#bits !== undefined && this.#bits.length >= needed) return this.#bits;
    const grown = new Uint8Array(Math.max(needed * 2, 256));
    if (this.#bits !== undefined) grown.set(this.#bits);
    else {
      grown.fill(0xff, 0, start >> 3);
      if ((start & 7) !== 0) grown[start >> 3] = (1 << (start & 7)) - 1;
    }
    this.#bits = grown;
    return grown;
  }
}
