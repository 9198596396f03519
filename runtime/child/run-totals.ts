import type { RunMessage, RunReply } from "../../shared/protocol/child-message.ts";
import type { OutputSink } from "./sinks/output-batch.ts";
import type { UnitReader } from "./unit-reader.ts";

/** One partition of one function: what to run, where rows come from and where results go. */
export interface PartitionRun {
  readonly message: RunMessage;
  readonly reader: UnitReader;
  readonly sink: OutputSink;
}

/** A partition that an author's handler computes. */
export interface HandlerRun extends PartitionRun {
  readonly params: Readonly<Record<string, unknown>>;
}

/** The totals of a run over all units of a partition. */
export interface RunTotals {
  rowCount: number;
  handlerMs: number;
  sinkMs: number;
  firstTs: number | null;
  lastTs: number | null;
  symbolRows: RunReply["symbolRows"];
  /** The state of a recursive function after each unit that produced rows, if states are saved. */
  states?: Float64Array;
}

export function emptyTotals(): RunTotals {
  return { rowCount: 0, handlerMs: 0, sinkMs: 0, firstTs: null, lastTs: null, symbolRows: null };
}

/** A unit's rows ascend in time, so its first and last row are its bounds. */
export function noteTimes(
  totals: RunTotals,
  ts: Int32Array | BigInt64Array,
  units: readonly { readonly rowCount: number }[],
): void {
  let row = 0;
  for (const { rowCount } of units) {
    if (rowCount === 0) continue;
    const first = Number(ts[row]);
    const last = Number(ts[row + rowCount - 1]);
    if (totals.firstTs === null || first < totals.firstTs) totals.firstTs = first;
    if (totals.lastTs === null || last > totals.lastTs) totals.lastTs = last;
    row += rowCount;
  }
}
