import type { ArrowSchema, ArrowType } from "../../shared/arrow/index.ts";

/** What is known of a result before its first row. */
export interface ResultHead {
  readonly schema: ArrowSchema;
  /** The strings of every `dictionary` field, by its id. */
  readonly dictionaries: ReadonlyMap<number, readonly string[]>;
}

/** One column of a batch in Arrow's layout; the receiver of a batch owns its buffers. */
export interface ColumnBuffers {
  readonly nullCount: number;
  /** One bit per row, least significant first, 1 for a value; optional if no value is null. */
  readonly validity?: Uint8Array;
  /**
   * Values side by side, starting at a multiple of 8. `bool` has bits, `dictionary` int32 codes, `utf8` int32
   * offsets.
   */
  readonly values: Uint8Array;
  /** Only for `utf8`. */
  readonly text?: Uint8Array;
}

export interface ResultBatch {
  readonly rowCount: number;
  /** In schema order. */
  readonly columns: readonly ColumnBuffers[];
}

export type ResultBatches = AsyncIterable<ResultBatch>;

/** Whether a row of the column holds a value. */
export function isValidAt(column: ColumnBuffers, row: number): boolean {
  return column.validity === undefined || ((column.validity[row >> 3]! >> (row & 7)) & 1) === 1;
}

/** The number of buffers that Arrow gives a column of the type: validity, then offsets for text, then values. */
export function bufferCountOf(type: ArrowType): 2 | 3 {
  return type === "utf8" ? 3 : 2;
}
