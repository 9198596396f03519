import type { RowSetKey } from "../../../shared/protocol/row-set.ts";
import type { Database } from "../../engine/database.ts";
import type { ColumnPlan } from "./column-plan.ts";
import type { ColumnSink } from "./column-sink.ts";
import type { RowSelection } from "./row-selection.ts";
import type { DatasetVersion } from "./dataset-reader.ts";

/** The complete plan for filling some columns. */
export interface FillJob extends RowSelection {
  readonly version: DatasetVersion;
  readonly key: RowSetKey;
  readonly dir: string;
  readonly partRows: number;
  readonly plans: readonly ColumnPlan[];
  readonly sink: ColumnSink;
  readonly database: Database;
  readonly signal: AbortSignal;
  pathOf(column: number, part: number): string;
}
