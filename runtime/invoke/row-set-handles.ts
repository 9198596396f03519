import type { RowOrder } from "../../shared/protocol/row-set.ts";
import type { RowSetHandle } from "../load/row-sets.ts";

/** The open row sets of a plan, by order. */
export type RowSetHandles = Readonly<Partial<Record<RowOrder, RowSetHandle>>>;

/** The open row set of an order that the plan reads. */
export function handleOf(handles: RowSetHandles, order: RowOrder): RowSetHandle {
  const handle = handles[order];
  if (handle === undefined) throw new Error(`No ${order} row set is open: the plan is wrong`);
  return handle;
}
