import type { Vector } from "@duckdb/node-bindings";
import type { ColumnBuffers } from "../formats/result-batch.ts";

/** Collects the vectors of one column, up to 2,048 rows each, into the buffers of one batch. */
export interface ColumnAppender {
  append(vector: Vector, rowCount: number): void;
  /** The buffers of the rows appended since the last call. */
  take(): ColumnBuffers;
  /** Bytes of text collected so far; 0 for columns of fixed width. */
  readonly textByteLength: number;
}
