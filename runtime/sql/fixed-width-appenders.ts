import type { Vector } from "@duckdb/node-bindings";
import { duckdb } from "../engine/duckdb-bindings.ts";
import type { ColumnBuffers } from "../formats/result-batch.ts";
import type { ColumnAppender } from "./column-appender.ts";
import { ValidityBits } from "./validity-bits.ts";
import { readValidity } from "./vector-text.ts";

/** Copies values that have the same bytes in DuckDB and in Arrow. */
export class CopyAppender implements ColumnAppender {
  readonly textByteLength = 0;
  readonly #width: number;
  readonly #rowsMax: number;
  #values: Uint8Array;
  #validity = new ValidityBits();
  #rowCount = 0;

  constructor(width: number, rowsMax: number) {
    this.#width = width;
    this.#rowsMax = rowsMax;
    this.#values = new Uint8Array(rowsMax * width);
  }

  append(vector: Vector, rowCount: number): void {
    const data = duckdb.vector_get_data(vector, rowCount * this.#width);
    const start = this.#rowCount * this.#width;
    this.#values.set(data, start);
    const mask = readValidity(vector, rowCount);
    this.#validity.append(mask, rowCount);
    // DuckDB leaves arbitrary bytes under a null, possibly from another query.
    if (mask !== undefined) zeroNulls(this.#values, start, this.#width, mask, rowCount);
    this.#rowCount += rowCount;
  }

  take(): ColumnBuffers {
    const values = this.#values.subarray(0, this.#rowCount * this.#width);
    const taken = { values, ...this.#validity.take() };
    this.#values = new Uint8Array(this.#rowsMax * this.#width);
    this.#rowCount = 0;
    return taken;
  }
}

/** Converts values one by one into a typed array. */
export class ConvertAppender<T extends Int32Array | BigInt64Array | Float64Array> implements ColumnAppender {
  readonly textByteLength = 0;
  readonly #sourceWidth: number;
  readonly #make: () => T;
  readonly #convert: (view: DataView, at: number, values: T, row: number) => void;
  #values: T;
  #validity = new ValidityBits();
  #rowCount = 0;

  constructor(
    sourceWidth: number,
    make: () => T,
    convert: (view: DataView, at: number, values: T, row: number) => void,
  ) {
    this.#sourceWidth = sourceWidth;
    this.#make = make;
    this.#convert = convert;
    this.#values = make();
  }

  append(vector: Vector, rowCount: number): void {
    const data = duckdb.vector_get_data(vector, rowCount * this.#sourceWidth);
    const view = new DataView(data.buffer, data.byteOffset, data.byteLength);
    const mask = readValidity(vector, rowCount);
    this.#validity.append(mask, rowCount);
    for (let row = 0; row < rowCount; row++) {
      // The bytes under a null may be outside the target's range.
      if (mask !== undefined && ((mask[row >> 3]! >> (row & 7)) & 1) === 0) continue;
      this.#convert(view, row * this.#sourceWidth, this.#values, this.#rowCount + row);
    }
    this.#rowCount += rowCount;
  }

  take(): ColumnBuffers {
    const { buffer, BYTES_PER_ELEMENT } = this.#values;
    const taken = {
      values: new Uint8Array(buffer, 0, this.#rowCount * BYTES_PER_ELEMENT),
      ...this.#validity.take(),
    };
    this.#values = this.#make();
    this.#rowCount = 0;
    return taken;
  }
}

/** Packs booleans: DuckDB stores them as bytes, Arrow as bits. */
export class BoolAppender implements ColumnAppender {
  readonly textByteLength = 0;
  readonly #rowsMax: number;
  #values: Uint8Array;
  #validity = new ValidityBits();
  #rowCount = 0;

  constructor(rowsMax: number) {
    this.#rowsMax = rowsMax;
    this.#values = new Uint8Array(Math.ceil(rowsMax / 8));
  }

  append(vector: Vector, rowCount: number): void {
    const data = duckdb.vector_get_data(vector, rowCount);
    const mask = readValidity(vector, rowCount);
    this.#validity.append(mask, rowCount);
    for (let row = 0; row < rowCount; row++) {
      const isValid = mask === undefined || ((mask[row >> 3]! >> (row & 7)) & 1) === 1;
      const at = this.#rowCount + row;
      if (isValid && data[row] === 1) this.#values[at >> 3]! |= 1 << (at & 7);
    }
    this.#rowCount += rowCount;
  }

  take(): ColumnBuffers {
    const values = this.#values.subarray(0, Math.ceil(this.#rowCount / 8));
    const taken = { values, ...this.#validity.take() };
    this.#values = new Uint8Array(Math.ceil(this.#rowsMax / 8));
    this.#rowCount = 0;
    return taken;
  }
}

function zeroNulls(
  values: Uint8Array,
  start: number,
  width: number,
  mask: Uint8Array,
  rowCount: number,
): void {
  for (let row = 0; row < rowCount; row++) {
    if (((mask[row >> 3]! >> (row & 7)) & 1) === 0) {
      values.fill(0, start + row * width, start + (row + 1) * width);
    }
  }
}
