import { allocateColumn } from "../../shared/arrow/index.ts";
import { GATHER_INPUT, POSITION_COLUMNS } from "../../shared/protocol/gather-columns.ts";
import { GatherMoves } from "./gather-moves.ts";
import { ROW_GROUP_ROWS_MAX } from "./feature-parquet/feature-parquet-types.ts";
import type { PartitionProgress } from "./partition-progress.ts";
import { batchCapacity } from "./run-feature.ts";
import { emptyTotals, noteTimes, type PartitionRun, type RunTotals } from "./run-totals.ts";
import type { OutputValues } from "./sinks/output-batch.ts";

/**
 * The built-in function that brings a time-ordered result into symbol order, or vice versa: row `i` of the output is
 * row `position[i]` of the source, which is mapped as a whole.
 */
export function runGather({ message, reader, sink }: PartitionRun, progress?: PartitionProgress): RunTotals {
  const { outputs } = message;
  const { units, settledRows } = reader;
  const order = message.partition === "date" ? "time-symbol" : "symbol-time";
  const totals = emptyTotals();
  const positionColumn = reader.column(GATHER_INPUT, POSITION_COLUMNS[order]);
  const sources = outputs.map(({ name }) => reader.column(GATHER_INPUT, name).parts);
  // All columns come from one stage, whose partitions wrote the same rows of each.
  const moves = new GatherMoves((sources[0] ?? []).map(({ part }) => part));
  const capacity = batchCapacity(units.outputRowCount);
  const positions = new Int32Array(capacity);
  const arrays = outputs.map(({ type }) => {
    if (type === "utf8") throw new Error("Text outputs were refused before");
    const isFloat = type === "float64" || type === "float32";
    return { values: allocateColumn(type, capacity), valid: isFloat ? null : new Uint8Array(capacity) };
  });
  for (let first = 0; first < units.rowCount.length;) {
    const startedAt = performance.now();
    let next = first;
    let rows = 0;
    // Units with late rows have no other rows here, and come last.
    const isLate = settledRows[first] === 0;
    do {
      const rowCount = units.outputRowCount[next]!;
      const slice = positionColumn.slice(units.firstRow[next]! + units.skip[next]!, rowCount).values;
      if (!(slice instanceof Int32Array)) throw new Error("Positions are not int32: the plan is wrong");
      positions.set(slice, rows);
      rows += rowCount;
      next++;
    } while (
      next < units.rowCount.length &&
      (settledRows[next] === 0) === isLate &&
      rows + units.outputRowCount[next]! <= ROW_GROUP_ROWS_MAX
    );
    moves.plan(positions, rows);
    const columns = arrays.map(({ values, valid }, i): OutputValues => {
      const source = sources[i]!;
      const target = { values: values.subarray(0, rows) };
      moves.moveValues(
        source.map(({ file }) => file.data),
        target.values,
      );
      if (valid === null) return target;
      moves.moveValidity(
        source.map(({ file }) => file.validity),
        valid,
      );
      return { ...target, valid: valid.subarray(0, rows) };
    });
    const handledAt = performance.now();
    if (rows > 0) {
      const batchUnits = units.outputRowCount
        .slice(first, next)
        .map((rowCount, i) => ({ symbol: units.symbol[first + i]!, rowCount }))
        .filter((unit) => unit.rowCount > 0);
      const ts = reader.outputTimes(first, next, rows);
      sink.write({ rowCount: rows, units: batchUnits, ts, columns }, isLate);
      noteTimes(totals, ts, batchUnits);
    }
    totals.rowCount += rows;
    progress?.add(rows);
    totals.handlerMs += handledAt - startedAt;
    totals.sinkMs += performance.now() - handledAt;
    first = next;
  }
  return totals;
}
