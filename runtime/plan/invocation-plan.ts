import type { ResolvedColumn, ResolvedFunction } from "../../shared/contract/describe.ts";
import type { UnitRanges } from "../../shared/protocol/child-message.ts";
import type { ColumnRequest, RowOrder, RowSetKey } from "../../shared/protocol/row-set.ts";
import type { Limits } from "../process/limits.ts";

/** A dataset's column or an upstream function's output that a stage reads under an input's name. */
export type PlannedColumn =
  | {
      readonly input: string;
      readonly column: ResolvedColumn;
      readonly from: "row-set";
      readonly request: ColumnRequest;
    }
  | {
      readonly input: string;
      readonly column: ResolvedColumn;
      readonly from: "stage";
      readonly stage: number;
    };

/** Whole units that one process works on. */
export interface PlannedPartition {
  readonly units: UnitRanges;
  readonly inputRowCount: number;
  readonly outputRowCount: number;
}

/** One function over the row set: its columns, its partitions, its limits. */
export interface PlannedStage {
  readonly function: string;
  readonly codeFingerprint: string;
  readonly resolved: ResolvedFunction;
  readonly order: RowOrder;
  readonly columns: readonly PlannedColumn[];
  readonly partitions: readonly PlannedPartition[];
  readonly limits: Limits;
}

/** Everything decided about an invocation before anything is loaded or run: plain data, made to be printed. */
export interface InvocationPlan {
  readonly dataset: string;
  readonly fingerprint: string;
  readonly asOf: string | null;
  readonly rowSet: RowSetKey;
  /** Upstream functions first; the last one is the function that was asked for. */
  readonly stages: readonly PlannedStage[];
  readonly sourceFiles: readonly {
    readonly path: string;
    readonly byteLength: number;
    readonly rowCount: number;
  }[];
  /** What the spool does not hold yet. */
  readonly missing: { readonly index: boolean; readonly columns: readonly ColumnRequest[] };
  readonly symbolCount: number;
  readonly outputRowCount: number;
}
