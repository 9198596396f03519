import type { Vector } from "@duckdb/node-bindings";
import { QuiverError } from "../../shared/errors/index.ts";
import { duckdb } from "../engine/duckdb-bindings.ts";
import type { ColumnBuffers } from "../formats/result-batch.ts";
import type { ColumnAppender } from "./column-appender.ts";
import { ValidityBits } from "./validity-bits.ts";
import { INLINE_BYTES_MAX, readValidity, STRING_BYTES, stringBytes } from "./vector-text.ts";

/** How values that are not text are sent as text: their width in DuckDB's memory, and the conversion. */
interface TextConversion {
  readonly width: number;
  readonly toText: (view: DataView, at: number) => string;
}

/** Collects strings as Arrow's offsets and text, without creating JavaScript strings. */
export class TextAppender implements ColumnAppender {
  readonly #rowsMax: number;
  readonly #conversion: TextConversion | undefined;
  #offsets: Int32Array;
  #text = new Uint8Array(1 << 16);
  #textLength = 0;
  #validity = new ValidityBits();
  #rowCount = 0;

  constructor(rowsMax: number, conversion?: TextConversion) {
    this.#rowsMax = rowsMax;
    this.#conversion = conversion;
    this.#offsets = new Int32Array(rowsMax + 1);
  }

  get textByteLength(): number {
    return this.#textLength;
  }

  append(vector: Vector, rowCount: number): void {
    const width = this.#conversion?.width ?? STRING_BYTES;
    const data = duckdb.vector_get_data(vector, rowCount * width);
    const view = new DataView(data.buffer, data.byteOffset, data.byteLength);
    const mask = readValidity(vector, rowCount);
    this.#validity.append(mask, rowCount);
    if (this.#conversion === undefined) this.#appendStrings(data, view, mask, rowCount);
    else this.#appendConverted(this.#conversion, view, mask, rowCount);
    this.#rowCount += rowCount;
  }

  take(): ColumnBuffers {
    const taken = {
      values: new Uint8Array(this.#offsets.buffer, 0, (this.#rowCount + 1) * 4),
      text: this.#text.subarray(0, this.#textLength),
      ...this.#validity.take(),
    };
    this.#offsets = new Int32Array(this.#rowsMax + 1);
    this.#text = new Uint8Array(this.#text.length);
    this.#textLength = 0;
    this.#rowCount = 0;
    return taken;
  }

  #appendStrings(data: Uint8Array, view: DataView, mask: Uint8Array | undefined, rowCount: number): void {
    const offsets = this.#offsets;
    const first = this.#rowCount + 1;
    for (let row = 0; row < rowCount; row++) {
      const isValid = mask === undefined || ((mask[row >> 3]! >> (row & 7)) & 1) === 1;
      if (isValid) {
        const at = row * STRING_BYTES;
        const length = view.getUint32(at, true);
        const text = this.#reserve(length);
        let to = this.#textLength;
        if (length <= INLINE_BYTES_MAX) {
          // For tickers of a few bytes this is much faster than set() with a view.
          for (let from = at + 4; from < at + 4 + length; from++) text[to++] = data[from]!;
        } else text.set(stringBytes(data, view, at), to);
        this.#textLength += length;
      }
      offsets[first + row] = this.#textLength;
    }
  }

  #appendConverted(
    { width, toText }: TextConversion,
    view: DataView,
    mask: Uint8Array | undefined,
    rowCount: number,
  ): void {
    for (let row = 0; row < rowCount; row++) {
      const isValid = mask === undefined || ((mask[row >> 3]! >> (row & 7)) & 1) === 1;
      if (isValid) {
        const bytes = encoder.encode(toText(view, row * width));
        this.#reserve(bytes.length).set(bytes, this.#textLength);
        this.#textLength += bytes.length;
      }
      this.#offsets[this.#rowCount + 1 + row] = this.#textLength;
    }
  }

  /** The text buffer, with room for `length` more bytes. */
  #reserve(length: number): Uint8Array {
    const needed = this.#textLength + length;
    if (needed > this.#text.length) {
      if (needed > TEXT_BYTES_MAX) {
        throw new QuiverError(
          "sql-failed",
          `Cannot send the column: the text of ${CHUNK_ROWS} rows has more than ${TEXT_BYTES_MAX} bytes. Shorten it, for example with left(column, 1000).`,
        );
      }
      const grown = new Uint8Array(Math.max(needed, this.#text.length * 2));
      grown.set(this.#text.subarray(0, this.#textLength));
      this.#text = grown;
    }
    return this.#text;
  }
}

/** Arrow's offsets are 32 bits wide, and a batch must fit into memory. */
const TEXT_BYTES_MAX = 1 << 30;
const CHUNK_ROWS = 2048;

const encoder = new TextEncoder();
