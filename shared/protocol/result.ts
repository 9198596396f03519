import type { ResolvedColumn } from "../contract/describe.ts";
import type { BatchFacts } from "./child-message.ts";

/** A format in which a table can be requested. */
export type ResultFormat = "arrow.stream" | "arrow.file" | "parquet" | "csv" | "ndjson" | "json";

export interface ResultField extends ResolvedColumn {
  /** `symbol` is `dictionary<int32, utf8>`; every other field has its plain type. */
  readonly dictionary: boolean;
}

/** Runs of record batches in one file of the spool. */
export interface ResultPart {
  readonly path: string;
  readonly batches: readonly BatchFacts[];
}
