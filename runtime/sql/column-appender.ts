import type { Vector } from "@duckdb/node-bindings";
import type { ColumnBuffers } from "../formats/result-batch.ts";

/** Collects one column's vectors, at most 2,048 rows each, into the buffers of one batch. */
export interface ColumnAppender {
  append(vector: Vector, rowCount: number): void;
  /** The buffers of the rows appended since the last call. */
  take(): ColumnBuffers;
  /** Bytes collected beside the fixed width. */
  readonly textByteLength: number;
}
