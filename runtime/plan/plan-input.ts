import type { ColumnRequest, RowOrder, RowSetIndex } from "../../shared/protocol/row-set.ts";
import type { CatalogEntry } from "../catalog/catalog.ts";
import type { Limits } from "../process/limits.ts";
import type { DatasetRecord } from "../store/dataset.ts";
import type { BoundFunction } from "./bind-inputs.ts";
import type { TimeOfRow } from "./select-units.ts";

/** What planning needs to know of a request whose names were looked up. */
export interface PlanInput {
  readonly bound: BoundFunction;
  readonly dataset: DatasetRecord;
  /** Sorted; null for all symbols. */
  readonly symbols: readonly string[] | null;
  readonly from: string | null;
  readonly to: string | null;
  readonly asOf: string | null;
  /**
   * The bound of known times that the row set applies, if the dataset is bitemporal; otherwise `knownUntil` cuts
   * event times.
   */
  readonly asOfMicros: number | null;
  readonly knownUntil: number | null;
  readonly limits: Limits;
  readonly parallelism: number;
  /** Versions that are part of the fingerprint. */
  readonly runtime: Readonly<Record<string, string>>;
  /** Values of the environment variables that a function declares; they are part of the fingerprint too. */
  readonly environmentOf: (entry: CatalogEntry) => Readonly<Record<string, string>>;
}

/** The row sets that a plan's stages read, opened by the caller. */
export interface OpenRowSets {
  index(order: RowOrder): RowSetIndex;
  /** Event times of the symbol-time row set; called only for bounded windows. */
  timeOf: TimeOfRow;
  missing(
    order: RowOrder,
    columns: readonly ColumnRequest[],
  ): { index: boolean; columns: readonly ColumnRequest[] };
}
