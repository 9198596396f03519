import type { ColumnRequest, RowOrder, RowSetIndex } from "../../shared/protocol/row-set.ts";
import type { CatalogEntry } from "../catalog/catalog.ts";
import type { Limits } from "../process/limits.ts";
import type { DatasetRecord } from "../store/dataset.ts";
import type { BoundFunction } from "./bind-inputs.ts";
import type { TimeOfRow } from "./select-units.ts";

/** What is known once the request's names were looked up. */
export interface PlanInput {
  readonly bound: BoundFunction;
  readonly dataset: DatasetRecord;
  /** Sorted; null for all. */
  readonly symbols: readonly string[] | null;
  readonly from: string | null;
  readonly to: string | null;
  readonly asOf: string | null;
  /** Last known time as the row set sees it (bitemporal datasets), else as a cut of event times. */
  readonly asOfMicros: number | null;
  readonly knownUntil: number | null;
  readonly limits: Limits;
  readonly parallelism: number;
  /** Versions that take part in the fingerprint. */
  readonly runtime: Readonly<Record<string, string>>;
  /** Values of the environment variables that a function declares: they take part too. */
  readonly environmentOf: (entry: CatalogEntry) => Readonly<Record<string, string>>;
}

/** The row sets that a plan's stages read, opened by whoever runs the plan. */
export interface OpenRowSets {
  index(order: RowOrder): RowSetIndex;
  /** Event times of the symbol-time row set; asked only for bounded windows. */
  timeOf: TimeOfRow;
  missing(
    order: RowOrder,
    columns: readonly ColumnRequest[],
  ): { index: boolean; columns: readonly ColumnRequest[] };
}
