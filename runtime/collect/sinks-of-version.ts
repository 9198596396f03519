import type { Sink } from "../../shared/protocol/child-message.ts";
import type { EventTime } from "../../shared/time/index.ts";
import type { InvocationPlan } from "../plan/invocation-plan.ts";
import type { DatasetColumn, SymbolIndex } from "../store/dataset.ts";
import { settledUntil } from "./settled-until.ts";

type ParquetSink = Extract<Sink, { readonly kind: "parquet" }>;

/**
 * Restating an early row of a symbol recomputes its whole segment. But each segment is two flushed files: 32
 * segments made a publish of 10 M rows a tenth slower than eight do, and restated rows are nearly always late ones.
 */
const SEGMENTS_MAX = 8;
/** Smaller files cost more to open than they save. */
const SEGMENT_ROWS_MIN = 100_000;

/** What the partitions of a whole version write so that later versions can continue from it. */
export interface WholeSinks {
  readonly settledUntil: EventTime | null;
  readonly sinkOf: (partition: number) => ParquetSink;
}

/** Calls `symbolIndex` only if late rows are kept apart. */
export function sinksOfVersion(
  plan: InvocationPlan,
  base: Pick<ParquetSink, "codec" | "level" | "withColumns">,
  columns: readonly DatasetColumn[],
  symbolIndex: () => SymbolIndex,
): WholeSinks {
  const until = canGoOn(plan) ? settledUntil(symbolIndex(), columns, null) : null;
  const { partitions } = plan.stages.at(-1)!;
  const sink = { kind: "parquet", file: "part.parquet", ...base, settledUntil: until } as const;
  if (plan.basis === null || plan.rowsOf !== null) return { settledUntil: until, sinkOf: () => sink };
  const total = partitions.reduce((sum, { inputRowCount }) => sum + inputRowCount, 0);
  const target = Math.max(SEGMENT_ROWS_MIN, Math.ceil(total / SEGMENTS_MAX));
  return {
    settledUntil: until,
    sinkOf: (partition) => ({ ...sink, cuts: cutsOf(partitions[partition]!.units, target) }),
  };
}

/** Whether rows can be appended to the result. If a stage declares so wrongly, the next version is computed whole. */
function canGoOn({ basis, rowsOf, kind, stages }: InvocationPlan): boolean {
  if (basis === null || rowsOf !== null || kind !== "feature") return false;
  const last = stages.findLast((stage) => stage.function !== null);
  return stages.every((stage) => {
    const resumes = stage === last && stage.order === "symbol-time" && stage.stateLength > 0;
    return stage.function === null || (stage.shape === "feature" && (resumes || stage.lookBack !== null));
  });
}

/** The symbols at which another segment begins, so that all segments are about equally large. */
function cutsOf(
  { symbol, rowCount }: InvocationPlan["stages"][number]["partitions"][number]["units"],
  target: number,
): number[] {
  const total = rowCount.reduce((sum, rows) => sum + rows, 0);
  const each = total / Math.max(1, Math.round(total / target));
  const cuts: number[] = [];
  let rows = 0;
  rowCount.forEach((count, unit) => {
    if (unit > 0 && rows >= each * (cuts.length + 1)) cuts.push(symbol[unit]!);
    rows += count;
  });
  return cuts;
}
