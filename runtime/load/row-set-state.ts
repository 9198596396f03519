import type { RowSetIndex, RowSetKey } from "../../shared/protocol/row-set.ts";
import type { ColumnState } from "./column-state.ts";

/** A row set in the spool. */
export interface RowSetState {
  readonly id: string;
  readonly key: RowSetKey;
  readonly dir: string;
  readonly index: RowSetIndex;
  /** Columns by their id. */
  readonly columns: Map<string, ColumnState>;
  /** Size of the files besides columns: the order of an overlapping dataset. */
  readonly baseBytes: number;
  /** Number of handles and loads that need it. */
  userCount: number;
  usedAt: number;
  /** Its dataset version is gone: it accepts no new user and is removed with its last one. */
  isDropped: boolean;
}

export function byteLengthOf(state: RowSetState): number {
  let sum = state.baseBytes;
  for (const column of state.columns.values()) sum += column.byteLength;
  return sum;
}
