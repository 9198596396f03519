/**
 * Thrift's compact protocol, as far as Parquet's metadata needs it: every struct becomes a map from field number to
 * value, and the reader knows the meaning of the numbers.
 */
export type ThriftValue = number | boolean | Uint8Array | readonly ThriftValue[] | ThriftStruct;
export type ThriftStruct = ReadonlyMap<number, ThriftValue>;

/** Types of the compact protocol. */
const TRUE = 1;
const FALSE = 2;
const BYTE = 3;
const I16 = 4;
const I32 = 5;
const I64 = 6;
const DOUBLE = 7;
const BINARY = 8;
const LIST = 9;
const SET = 10;
const STRUCT = 12;

/** The deepest nesting of structs in Parquet; anything deeper is damage. */
const DEPTH_MAX = 16;

/** Reads one struct that ends at `end`. Throws a RangeError for bytes that are not a struct. */
export function readThriftStruct(bytes: Uint8Array, start = 0): { struct: ThriftStruct; end: number } {
  const reader = new ThriftReader(bytes, start);
  const struct = reader.struct(0);
  return { struct, end: reader.position };
}

/** A numeric field of a struct; undefined if it has none. */
export function thriftNumber(struct: ThriftStruct, field: number): number | undefined {
  const value = struct.get(field);
  return typeof value === "number" ? value : undefined;
}

export function thriftStruct(struct: ThriftStruct, field: number): ThriftStruct | undefined {
  const value = struct.get(field);
  return value instanceof Map ? value : undefined;
}

export function thriftStructs(struct: ThriftStruct, field: number): readonly ThriftStruct[] {
  const value = struct.get(field);
  return Array.isArray(value) ? value.filter((item): item is ThriftStruct => item instanceof Map) : [];
}

export function thriftText(value: ThriftValue | undefined): string | undefined {
  return value instanceof Uint8Array ? new TextDecoder().decode(value) : undefined;
}

class ThriftReader {
  readonly #bytes: Uint8Array;
  position: number;

  constructor(bytes: Uint8Array, position: number) {
    this.#bytes = bytes;
    this.position = position;
  }

  struct(depth: number): ThriftStruct {
    if (depth > DEPTH_MAX) throw new RangeError("Thrift structs nest too deep");
    const fields = new Map<number, ThriftValue>();
    let id = 0;
    for (;;) {
      const header = this.#byte();
      if (header === 0) return fields;
      const delta = header >> 4;
      id = delta === 0 ? this.#zigzag() : id + delta;
      fields.set(id, this.#value(header & 15, depth));
    }
  }

  #value(type: number, depth: number): ThriftValue {
    switch (type) {
      case TRUE:
        return true;
      case FALSE:
        return false;
      case BYTE:
        return this.#byte();
      case I16:
      case I32:
      case I64:
        return this.#zigzag();
      case DOUBLE:
        this.position += 8;
        return Number.NaN;
      case BINARY:
        return this.#binary();
      case LIST:
      case SET:
        return this.#list(depth);
      case STRUCT:
        return this.struct(depth + 1);
      default:
        throw new RangeError(`${type} is not a Thrift type of Parquet's metadata`);
    }
  }

  #list(depth: number): ThriftValue[] {
    const header = this.#byte();
    const type = header & 15;
    const length = header >> 4 === 15 ? this.#varint() : header >> 4;
    if (length > this.#bytes.length) throw new RangeError("A Thrift list is longer than the available bytes");
    const items: ThriftValue[] = [];
    // In a list a boolean takes a byte; in a struct it is encoded in the field's type.
    for (let i = 0; i < length; i++) {
      items.push(type === TRUE || type === FALSE ? this.#byte() === TRUE : this.#value(type, depth + 1));
    }
    return items;
  }

  #binary(): Uint8Array {
    const length = this.#varint();
    const start = this.position;
    this.position += length;
    if (this.position > this.#bytes.length) throw new RangeError("Thrift bytes end too early");
    return this.#bytes.subarray(start, this.position);
  }

  #zigzag(): number {
    const value = this.#varint();
    return value % 2 === 0 ? value / 2 : -(value + 1) / 2;
  }

  /** Exact up to 2^53; larger numbers are statistics that nobody reads as numbers. */
  #varint(): number {
    let value = 0;
    for (let scale = 1; ; scale *= 128) {
      const byte = this.#byte();
      value += (byte & 127) * scale;
      if (byte < 128) return value;
      if (scale > 2 ** 63) throw new RangeError("A Thrift number does not end");
    }
  }

  #byte(): number {
    const byte = this.#bytes[this.position++];
    if (byte === undefined) throw new RangeError("Thrift bytes end too early");
    return byte;
  }
}
