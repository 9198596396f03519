/**
 * Reads one FlatBuffers table by slot number. Nothing is trusted: an offset outside the buffer makes DataView throw a
 * RangeError, which callers turn into "this is not an Arrow file".
 */
export class FlatReader {
  readonly #view: DataView;
  readonly #start: number;
  readonly #vtable: number;
  readonly #vtableLength: number;

  private constructor(view: DataView, start: number) {
    this.#view = view;
    this.#start = start;
    this.#vtable = start - view.getInt32(start, true);
    this.#vtableLength = view.getUint16(this.#vtable, true);
  }

  /** The root table of a finished buffer. */
  static root(bytes: Uint8Array): FlatReader {
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    return new FlatReader(view, view.getUint32(0, true));
  }

  has(slot: number): boolean {
    return this.#at(slot) !== 0;
  }

  u8(slot: number, absent = 0): number {
    const at = this.#at(slot);
    return at === 0 ? absent : this.#view.getUint8(at);
  }

  i16(slot: number, absent = 0): number {
    const at = this.#at(slot);
    return at === 0 ? absent : this.#view.getInt16(at, true);
  }

  i32(slot: number, absent = 0): number {
    const at = this.#at(slot);
    return at === 0 ? absent : this.#view.getInt32(at, true);
  }

  i64(slot: number, absent = 0): number {
    const at = this.#at(slot);
    return at === 0 ? absent : Number(this.#view.getBigInt64(at, true));
  }

  string(slot: number): string | undefined {
    const at = this.#at(slot);
    if (at === 0) return undefined;
    const start = this.#follow(at);
    return decodeText(this.#bytes(start + 4, this.#view.getUint32(start, true)));
  }

  table(slot: number): FlatReader | undefined {
    const at = this.#at(slot);
    return at === 0 ? undefined : new FlatReader(this.#view, this.#follow(at));
  }

  tables(slot: number): FlatReader[] {
    const at = this.#at(slot);
    if (at === 0) return [];
    const start = this.#follow(at);
    const count = this.#view.getUint32(start, true);
    this.#bytes(start + 4, count * 4);
    return Array.from(
      { length: count },
      (_, index) => new FlatReader(this.#view, this.#follow(start + 4 + index * 4)),
    );
  }

  /** The members, all 64 bits wide, of a vector of structs, one struct after another. */
  structsOf64Bits(slot: number, membersPerStruct: number): number[] {
    const at = this.#at(slot);
    if (at === 0) return [];
    const start = this.#follow(at);
    const count = this.#view.getUint32(start, true) * membersPerStruct;
    this.#bytes(start + 4, count * 8);
    return Array.from({ length: count }, (_, index) =>
      Number(this.#view.getBigInt64(start + 4 + index * 8, true)),
    );
  }

  #at(slot: number): number {
    const entry = 4 + slot * 2;
    if (entry + 2 > this.#vtableLength) return 0;
    const offset = this.#view.getUint16(this.#vtable + entry, true);
    return offset === 0 ? 0 : this.#start + offset;
  }

  #follow(at: number): number {
    return at + this.#view.getUint32(at, true);
  }

  /** Throws a RangeError if the range exceeds the buffer, before allocating anything of its size. */
  #bytes(start: number, byteLength: number): Uint8Array {
    if (start + byteLength > this.#view.byteLength) throw new RangeError("an offset leaves the buffer");
    return new Uint8Array(this.#view.buffer, this.#view.byteOffset + start, byteLength);
  }
}

const decoder = new TextDecoder("utf-8", { fatal: true });

function decodeText(bytes: Uint8Array): string {
  try {
    return decoder.decode(bytes);
  } catch (error) {
    throw new RangeError("a name is not UTF-8", { cause: error });
  }
}
