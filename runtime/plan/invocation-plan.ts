import type { ResolvedColumn } from "../../shared/contract/describe.ts";
import type { SymbolRuns, UnitRanges } from "../../shared/protocol/child-message.ts";
import type { ColumnRequest, RowOrder, RowSetKey } from "../../shared/protocol/row-set.ts";
import type { Limits } from "../process/limits.ts";
import type { ResumeBasis } from "./resume-basis.ts";

/** A dataset's column or an earlier stage's output that a stage reads under an input's name. */
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

/** Whole units for one process. */
export interface PlannedPartition {
  readonly units: UnitRanges;
  readonly inputRowCount: number;
  readonly outputRowCount: number;
}

/** One function over a row set: its columns, its partitions, its limits. */
export interface PlannedStage {
  /** Null for the built-in that changes the order of a result. */
  readonly function: string | null;
  readonly module: string | null;
  readonly codeFingerprint: string | null;
  readonly shape: "feature" | "table";
  readonly partition: "symbol" | "date" | "whole";
  /** Parsed parameters, in the forms of `toJsonParams`. */
  readonly params: Readonly<Record<string, unknown>>;
  readonly outputs: readonly ResolvedColumn[];
  readonly lookBack: number | null;
  readonly stateLength: number;
  /** Order of the rows it reads and of the units it works on. */
  readonly order: RowOrder;
  readonly columns: readonly PlannedColumn[];
  readonly partitions: readonly PlannedPartition[];
  /** What the units' symbol numbers refer to; null for the symbols of the row set. */
  readonly symbols: readonly string[] | null;
  /** Rows of each symbol, if the single unit is the whole selection. */
  readonly symbolRuns: SymbolRuns | null;
  /** Numbering of a table's own symbols, if it differs from `symbols`. */
  readonly resultSymbols: readonly string[] | null;
  readonly limits: Limits;
  readonly concurrency: number | null;
  readonly reuse: boolean;
  /** Names of the environment variables that the function gets. */
  readonly environment: readonly string[];
}

/** Everything decided about an invocation before anything is loaded or run: plain, printable data. */
export interface InvocationPlan {
  readonly function: string;
  readonly kind: "feature" | "label";
  readonly dataset: string;
  readonly datasetVersion: string;
  /**
   * The table function whose result provides the rows, and what that function was run on; null for the dataset's
   * own rows.
   */
  readonly rowsOf: {
    readonly function: string;
    readonly params: Readonly<Record<string, unknown>>;
    readonly dataset: string;
    readonly datasetVersion: string;
  } | null;
  readonly fingerprint: string;
  /** What a later version must share to continue from this result; null if none can. */
  readonly basis: ResumeBasis | null;
  /** The moment as given; null for all that is known. */
  readonly asOf: string | null;
  readonly symbols: readonly string[] | null;
  readonly from: string | null;
  readonly to: string | null;
  /** Bounds of a keyed table's output, in its own unit of time. */
  readonly outputWindow: { readonly from: number | null; readonly to: number | null };
  readonly tsType: "date32" | "timestamp";
  /** One row set for each order that a stage needs. */
  readonly rowSets: Readonly<Partial<Record<RowOrder, RowSetKey>>>;
  /** Upstream functions first; the last one gives the result. */
  readonly stages: readonly PlannedStage[];
  readonly sourceFiles: readonly {
    readonly path: string;
    readonly byteLength: number;
    readonly rowCount: number;
  }[];
  /** What the spool lacked when the plan was made. */
  readonly missing: readonly {
    readonly order: RowOrder;
    readonly index: boolean;
    readonly columns: readonly ColumnRequest[];
  }[];
  /** The symbols that the result numbers: its dictionary. */
  readonly resultSymbols: readonly string[];
  readonly symbolCount: number;
  readonly outputRowCount: number;
}
