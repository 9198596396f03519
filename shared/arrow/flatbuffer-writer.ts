/**
 * A forward-only FlatBuffers writer: sufficient for Arrow's metadata, without the start-up cost of a library. Offsets
 * in FlatBuffers point forward, so a parent is written before its children, and each offset is filled in once the
 * child's position is known. Every field is written, including defaults: equal shapes have equal lengths, so a header
 * can be replaced in place once its counts are known.
 */
export type FlatNode =
  | { readonly kind: "table"; readonly fields: readonly (FlatField | null)[] }
  | { readonly kind: "string"; readonly text: string }
  | { readonly kind: "tables"; readonly items: readonly FlatNode[] }
  | { readonly kind: "structs"; readonly count: number; readonly bytes: Uint8Array };

/** One slot of a table: an inline scalar, or a child that the slot points to. */
export type FlatField = FlatScalar | FlatNode;

interface FlatScalar {
  readonly kind: "scalar";
  readonly width: 1 | 2 | 4 | 8;
  readonly value: number;
}

export const u8 = (value: number): FlatField => ({ kind: "scalar", width: 1, value });
export const bool = (value: boolean): FlatField => ({ kind: "scalar", width: 1, value: value ? 1 : 0 });
export const i16 = (value: number): FlatField => ({ kind: "scalar", width: 2, value });
export const i32 = (value: number): FlatField => ({ kind: "scalar", width: 4, value });
export const i64 = (value: number): FlatField => ({ kind: "scalar", width: 8, value });
export const table = (...fields: (FlatField | null)[]): FlatNode => ({ kind: "table", fields });
export const string = (text: string): FlatNode => ({ kind: "string", text });
export const tables = (items: readonly FlatNode[]): FlatNode => ({ kind: "tables", items });

/** A vector of structs whose members are all 64 bits wide, listed one struct after another. */
export function structsOf64Bits(membersPerStruct: number, values: readonly number[]): FlatNode {
  const bytes = new Uint8Array(values.length * 8);
  const view = new DataView(bytes.buffer);
  values.forEach((value, index) => view.setBigInt64(index * 8, BigInt(value), true));
  return { kind: "structs", count: values.length / membersPerStruct, bytes };
}

/** The finished buffer, whose length is a multiple of 8. */
export function encodeFlatbuffer(root: FlatNode): Uint8Array {
  const writer = new Writer();
  writer.reserve(4, 4);
  writer.point(0, writer.node(root));
  writer.reserve(0, 8);
  return writer.finished();
}

const utf8 = new TextEncoder();

class Writer {
  #bytes = new Uint8Array(512);
  #view = new DataView(this.#bytes.buffer);
  #length = 0;

  finished(): Uint8Array {
    return this.#bytes.slice(0, this.#length);
  }

  /** Reserves `byteLength` bytes so that the byte `lead` after their start is aligned; returns their start. */
  reserve(byteLength: number, alignment: number, lead = 0): number {
    const start = Math.ceil((this.#length + lead) / alignment) * alignment - lead;
    this.#length = start + byteLength;
    if (this.#length > this.#bytes.length) {
      const grown = new Uint8Array(Math.max(this.#length, this.#bytes.length * 2));
      grown.set(this.#bytes);
      this.#bytes = grown;
      this.#view = new DataView(grown.buffer);
    }
    return start;
  }

  /** Makes the offset at `slot` point to `target`. */
  point(slot: number, target: number): void {
    this.#view.setUint32(slot, target - slot, true);
  }

  node(node: FlatNode): number {
    switch (node.kind) {
      case "table":
        return this.#table(node.fields);
      case "string":
        return this.#string(node.text);
      case "tables": {
        const start = this.reserve(4 + node.items.length * 4, 4);
        this.#view.setUint32(start, node.items.length, true);
        node.items.forEach((item, index) => this.point(start + 4 + index * 4, this.node(item)));
        return start;
      }
      case "structs": {
        const start = this.reserve(4 + node.bytes.length, 8, 4);
        this.#view.setUint32(start, node.count, true);
        this.#bytes.set(node.bytes, start + 4);
        return start;
      }
    }
  }

  /**
   * Writes the vtable, then the table: its signed distance to the vtable, then the fields, widest first so that none
   * needs padding.
   */
  #table(fields: readonly (FlatField | null)[]): number {
    const present = fields
      .flatMap((field, slot) => (field === null ? [] : [{ field, slot }]))
      .map(({ field, slot }) => ({ field, slot, width: field.kind === "scalar" ? field.width : 4 }))
      .toSorted((a, b) => b.width - a.width);
    const vtableLength = 4 + fields.length * 2;
    const tableLength = 4 + present.reduce((sum, { width }) => sum + width, 0);
    const vtable = this.reserve(vtableLength, 2);
    const start = this.reserve(tableLength, present[0]?.width === 8 ? 8 : 4, 4);
    this.#view.setUint16(vtable, vtableLength, true);
    this.#view.setUint16(vtable + 2, tableLength, true);
    this.#view.setInt32(start, start - vtable, true);
    let at = start + 4;
    const children: { slot: number; node: FlatNode }[] = [];
    for (const { field, slot, width } of present) {
      this.#view.setUint16(vtable + 4 + slot * 2, at - start, true);
      if (field.kind === "scalar") this.#scalar(at, field);
      else children.push({ slot: at, node: field });
      at += width;
    }
    for (const child of children) this.point(child.slot, this.node(child.node));
    return start;
  }

  #scalar(at: number, { width, value }: FlatScalar): void {
    if (width === 1) this.#view.setUint8(at, value);
    else if (width === 2) this.#view.setInt16(at, value, true);
    else if (width === 4) this.#view.setInt32(at, value, true);
    else this.#view.setBigInt64(at, BigInt(value), true);
  }

  #string(text: string): number {
    const encoded = utf8.encode(text);
    const start = this.reserve(4 + encoded.length + 1, 4);
    this.#view.setUint32(start, encoded.length, true);
    this.#bytes.set(encoded, start + 4);
    return start;
  }
}
