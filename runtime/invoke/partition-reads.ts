import type { UnitRanges } from "../../shared/protocol/child-message.ts";
import type { InvocationPlan, PlannedPartition, PlannedStage } from "../plan/invocation-plan.ts";

/** One partition of an earlier stage, both by their places in the plan. */
interface Read {
  readonly stage: number;
  readonly partition: number;
}

/** Partitions of earlier stages that this one reads; those of the same rows are enough unless it gathers. */
export function readsOf(
  stage: PlannedStage,
  partition: PlannedPartition,
  plan: InvocationPlan,
): readonly Read[] {
  const wanted = new Set(stage.columns.flatMap((column) => (column.from === "stage" ? [column.stage] : [])));
  const rows = rowsOf(partition.units);
  return [...wanted].flatMap((source) =>
    plan.stages[source]!.partitions.flatMap(({ units }, i) => {
      const theirs = rowsOf(units);
      const isRead =
        stage.function === null || (theirs.firstRow < rows.endRow && rows.firstRow < theirs.endRow);
      return isRead ? [{ stage: source, partition: i }] : [];
    }),
  );
}

/** How many partitions read each partition of a gathering stage, where any does. */
export function readersOfCopies(plan: InvocationPlan): Map<PlannedPartition, number> {
  const readers = new Map<PlannedPartition, number>();
  for (const stage of plan.stages) {
    for (const partition of stage.partitions) {
      for (const read of readsOf(stage, partition, plan)) {
        const source = plan.stages[read.stage]!;
        if (source.function !== null) continue;
        const copy = source.partitions[read.partition]!;
        readers.set(copy, (readers.get(copy) ?? 0) + 1);
      }
    }
  }
  return readers;
}

/** From a partition's first row to its last; what its units leave out between them included. */
export function rowsOf(units: UnitRanges): { firstRow: number; endRow: number } {
  const last = units.firstRow.length - 1;
  return {
    firstRow: units.firstRow[0] ?? 0,
    endRow: last < 0 ? 0 : units.firstRow[last]! + units.rowCount[last]!,
  };
}
