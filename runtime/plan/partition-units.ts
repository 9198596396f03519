import type { UnitRanges } from "../../shared/protocol/child-message.ts";
import type { PlannedPartition } from "./invocation-plan.ts";

export interface PartitionLimits {
  /** How many processes can work at once. */
  readonly parallelism: number;
  /** Below this many rows a second process costs more than it saves. */
  readonly rowCountMin: number;
  /** Above this many rows a partition is cut further, to bound memory and to start before everything is loaded. */
  readonly rowCountMax: number;
  /** Rows at which the row set's files end: a partition that ends there can start when its file is loaded. */
  readonly fileEnds: readonly number[];
}

/** A half-open run of units. */
export interface UnitRun {
  readonly first: number;
  readonly end: number;
}

/**
 * Cuts units into contiguous runs of about equally many rows, at the end of a file where that hardly affects the
 * balance.
 */
export function partitionUnits(units: UnitRanges, limits: PartitionLimits): UnitRun[] {
  const unitCount = units.rowCount.length;
  const total = units.rowCount.reduce((sum, rows) => sum + rows, 0);
  if (unitCount === 0) return [];
  const wanted = Math.max(
    Math.min(limits.parallelism, Math.floor(total / limits.rowCountMin)),
    Math.ceil(total / limits.rowCountMax),
    1,
  );
  const fileEnds = new Set(limits.fileEnds);
  const runs: UnitRun[] = [];
  let first = 0;
  let rows = 0;
  let rowsLeft = total;
  for (let unit = 0; unit < unitCount - 1 && runs.length < wanted - 1; unit++) {
    rows += units.rowCount[unit]!;
    const endRow = units.firstRow[unit]! + units.rowCount[unit]!;
    // Recomputed after each cut, so that one early cut does not burden only the last partition.
    const target = rowsLeft / (wanted - runs.length);
    if (rows < target && !(rows >= target * 0.6 && fileEnds.has(endRow))) continue;
    runs.push({ first, end: unit + 1 });
    first = unit + 1;
    rowsLeft -= rows;
    rows = 0;
  }
  runs.push({ first, end: unitCount });
  return runs;
}

export function sliceUnits(units: UnitRanges, { first, end }: UnitRun): PlannedPartition {
  const slice = (values: readonly number[]) => values.slice(first, end);
  const sum = (values: readonly number[]) => values.reduce((total, value) => total + value, 0);
  const part: UnitRanges = {
    symbol: slice(units.symbol),
    firstRow: slice(units.firstRow),
    rowCount: slice(units.rowCount),
    skip: slice(units.skip),
    outputRowCount: slice(units.outputRowCount),
    ordinal: slice(units.ordinal),
  };
  return { units: part, inputRowCount: sum(part.rowCount), outputRowCount: sum(part.outputRowCount) };
}
