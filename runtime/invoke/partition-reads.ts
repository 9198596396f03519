import type { UnitRanges } from "../../shared/protocol/child-message.ts";
import type { InvocationPlan, PlannedPartition, PlannedStage } from "../plan/invocation-plan.ts";

/** A partition of an earlier stage, by indices into the plan. */
interface Read {
  readonly stage: number;
  readonly partition: number;
}

/**
 * The partitions of earlier stages that this one reads: all of them if it gathers, otherwise those with the same
 * rows.
 */
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

/** For each partition of a gathering stage that is read at all, how many partitions read it. */
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

/** The range from a partition's first row to its last, including rows between its units. */
export function rowsOf(units: UnitRanges): { firstRow: number; endRow: number } {
  const last = units.firstRow.length - 1;
  return {
    firstRow: units.firstRow[0] ?? 0,
    endRow: last < 0 ? 0 : units.firstRow[last]! + units.rowCount[last]!,
  };
}
