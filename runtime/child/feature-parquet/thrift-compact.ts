/** A writer for Thrift's compact protocol, as far as Parquet's page headers and footer need it. */

const TYPE_TRUE = 1;
const TYPE_FALSE = 2;
const TYPE_I16 = 4;
const TYPE_I32 = 5;
const TYPE_I64 = 6;
const TYPE_BINARY = 8;
const TYPE_LIST = 9;
const TYPE_STRUCT = 12;

/** The element types of lists. */
export const LIST_OF = { i32: TYPE_I32, binary: TYPE_BINARY, struct: TYPE_STRUCT } as const;

/**
 * Fields must be written in ascending id order within a struct. A struct begins with `beginStruct` (a field) or
 * `beginElement` (in a list, or the outermost one) and ends with `end`.
 */
export class CompactWriter {
  #bytes = new Uint8Array(1024);
  #length = 0;
  /** Ids are written as the difference from the previous id in the same struct. */
  #lastId = 0;
  readonly #outerIds: number[] = [];

  i32(id: number, value: number): void {
    this.#field(id, TYPE_I32);
    this.#zigzag(value);
  }

  /** For counts and offsets, which are exact up to 2^53. */
  i64(id: number, value: number): void {
    this.#field(id, TYPE_I64);
    this.#zigzag(value);
  }

  bool(id: number, value: boolean): void {
    this.#field(id, value ? TYPE_TRUE : TYPE_FALSE);
  }

  i16(id: number, value: number): void {
    this.#field(id, TYPE_I16);
    this.#zigzag(value);
  }

  binary(id: number, value: Uint8Array): void {
    this.#field(id, TYPE_BINARY);
    this.binaryElement(value);
  }

  string(id: number, value: string): void {
    this.binary(id, new TextEncoder().encode(value));
  }

  list(id: number, elementType: number, count: number): void {
    this.#field(id, TYPE_LIST);
    if (count < 15) this.#byte((count << 4) | elementType);
    else {
      this.#byte(0xf0 | elementType);
      this.#varint(count);
    }
  }

  i32Element(value: number): void {
    this.#zigzag(value);
  }

  binaryElement(value: Uint8Array): void {
    this.#varint(value.length);
    this.#reserve(value.length);
    this.#bytes.set(value, this.#length);
    this.#length += value.length;
  }

  stringElement(value: string): void {
    this.binaryElement(new TextEncoder().encode(value));
  }

  beginStruct(id: number): void {
    this.#field(id, TYPE_STRUCT);
    this.beginElement();
  }

  beginElement(): void {
    this.#outerIds.push(this.#lastId);
    this.#lastId = 0;
  }

  end(): void {
    this.#byte(0);
    this.#lastId = this.#outerIds.pop() ?? 0;
  }

  /** Returns a copy of what was written. */
  toBytes(): Uint8Array {
    return this.#bytes.slice(0, this.#length);
  }

  #field(id: number, type: number): void {
    const step = id - this.#lastId;
    if (step >= 1 && step <= 15) this.#byte((step << 4) | type);
    else {
      this.#byte(type);
      this.#zigzag(id);
    }
    this.#lastId = id;
  }

  #zigzag(value: number): void {
    this.#varint(value >= 0 ? value * 2 : -value * 2 - 1);
  }

  #varint(value: number): void {
    let rest = value;
    while (rest >= 128) {
      this.#byte((rest % 128) | 128);
      rest = Math.floor(rest / 128);
    }
    this.#byte(rest);
  }

  #byte(value: number): void {
    this.#reserve(1);
    this.#bytes[this.#length++] = value;
  }

  #reserve(count: number): void {
    if (this.#length + count <= this.#bytes.length) return;
    const larger = new Uint8Array(Math.max(this.#bytes.length * 2, this.#length + count));
    larger.set(this.#bytes);
    this.#bytes = larger;
  }
}
