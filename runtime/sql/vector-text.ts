import type { Vector } from "@duckdb/node-bindings";
import { duckdb } from "../engine/duckdb-bindings.ts";

/**
 * DuckDB's `string_t` has 16 bytes: a length, then either the text itself (up to 12 bytes) or its first 4 bytes and a
 * pointer to the whole text.
 */
export const STRING_BYTES = 16;
export const INLINE_BYTES_MAX = 12;

/** The bytes of the string whose `string_t` starts at `offset` of a vector's data. */
export function stringBytes(data: Uint8Array, view: DataView, offset: number): Uint8Array {
  const length = view.getUint32(offset, true);
  if (length <= INLINE_BYTES_MAX) return data.subarray(offset + 4, offset + 4 + length);
  return duckdb.get_data_from_pointer(asArrayBuffer(data), data.byteOffset + offset + 8, length);
}

/** All strings of a text vector, with null for null. */
export function readText(vector: Vector, rowCount: number): (string | null)[] {
  const data = duckdb.vector_get_data(vector, rowCount * STRING_BYTES);
  const view = new DataView(data.buffer, data.byteOffset, data.byteLength);
  const validity = readValidity(vector, rowCount);
  return Array.from({ length: rowCount }, (_, row) =>
    validity === undefined || ((validity[row >> 3]! >> (row & 7)) & 1) === 1
      ? decoder.decode(stringBytes(data, view, row * STRING_BYTES))
      : null,
  );
}

/** A vector's validity bits, or undefined if no row is null. */
export function readValidity(vector: Vector, rowCount: number): Uint8Array | undefined {
  // Its type says that it returns bytes, but it returns null if the vector has no mask.
  const mask: Uint8Array | null = duckdb.vector_get_validity(vector, Math.ceil(rowCount / 64) * 8);
  return mask ?? undefined;
}

const decoder = new TextDecoder();

function asArrayBuffer(data: Uint8Array): ArrayBuffer {
  const { buffer } = data;
  if (buffer instanceof ArrayBuffer) return buffer;
  throw new Error("DuckDB's memory came as something else than an ArrayBuffer");
}
