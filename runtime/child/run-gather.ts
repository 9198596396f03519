import { allocateColumn, type ColumnArray } from "../../shared/arrow/index.ts";
import type { RunMessage } from "../../shared/protocol/child-message.ts";
import type { MappedPart } from "./bind-columns.ts";
import { GATHER_INPUT, POSITION_COLUMNS } from "./gather-columns.ts";
import { ROW_GROUP_ROWS_MAX } from "./feature-parquet/feature-parquet-types.ts";
import { noteTimes, type RunTotals } from "./run-feature.ts";
import type { OutputSink, OutputValues } from "./sinks/output-batch.ts";
import type { UnitReader } from "./unit-reader.ts";

/**
 * The built-in that brings a time-ordered result into symbol order: row `i` of the output is row `position[i]`
 * of the source, which is mapped whole.
 */
export function runGather(message: RunMessage, reader: UnitReader, sink: OutputSink): RunTotals {
  const { units, outputs } = message;
  const order = message.partition === "date" ? "time-symbol" : "symbol-time";
  const totals: RunTotals = {
    rowCount: 0,
    handlerMs: 0,
    sinkMs: 0,
    firstTs: null,
    lastTs: null,
    symbolRows: null,
  };
  for (let first = 0; first < units.rowCount.length;) {
    const startedAt = performance.now();
    let next = first;
    let rows = 0;
    do rows += units.outputRowCount[next++]!;
    while (next < units.rowCount.length && rows + units.outputRowCount[next]! <= ROW_GROUP_ROWS_MAX);
    const columns = outputs.map(({ name, type }): OutputValues => {
      if (type === "utf8") throw new Error("Text outputs were refused before");
      const isFloat = type === "float64" || type === "float32";
      const target = allocateColumn(type, rows);
      const valid = isFloat ? null : new Uint8Array(rows);
      const source = reader.column(GATHER_INPUT, name).parts;
      let row = 0;
      for (let unit = first; unit < next; unit++) {
        const firstRow = units.firstRow[unit]! + units.skip[unit]!;
        const positions = reader
          .column(GATHER_INPUT, POSITION_COLUMNS[order])
          .slice(firstRow, units.outputRowCount[unit]!).values;
        gather(source, positions, target, valid, row);
        row += positions.length;
      }
      return valid === null ? { values: target } : { values: target, valid };
    });
    const handledAt = performance.now();
    if (rows > 0) {
      const batchUnits = units.outputRowCount
        .slice(first, next)
        .map((rowCount, i) => ({ symbol: units.symbol[first + i]!, rowCount }))
        .filter((unit) => unit.rowCount > 0);
      const ts = reader.outputTimes(first, next, rows);
      sink.write({ rowCount: rows, units: batchUnits, ts, columns });
      noteTimes(totals, ts, batchUnits);
    }
    totals.rowCount += rows;
    totals.handlerMs += handledAt - startedAt;
    totals.sinkMs += performance.now() - handledAt;
    first = next;
  }
  return totals;
}

function gather(
  source: readonly MappedPart[],
  positions: ColumnArray,
  target: ColumnArray,
  valid: Uint8Array | null,
  firstRow: number,
): void {
  for (let i = 0; i < positions.length; i++) {
    const position = Number(positions[i]);
    const { part, file } = partOf(source, position);
    const fileRow = (part.fileRow ?? 0) + position - part.firstRow;
    const value = file.data[fileRow];
    if (valid !== null) {
      const isValid =
        file.validity === undefined || ((file.validity[fileRow >> 3]! >> (fileRow & 7)) & 1) === 1;
      valid[firstRow + i] = isValid ? 1 : 0;
    }
    if (target instanceof BigInt64Array) {
      if (typeof value === "bigint") target[firstRow + i] = value;
    } else if (typeof value === "number") target[firstRow + i] = value;
  }
}

function partOf(source: readonly MappedPart[], row: number): MappedPart {
  let low = 0;
  let high = source.length - 1;
  while (low < high) {
    const middle = (low + high + 1) >> 1;
    if (source[middle]!.part.firstRow <= row) low = middle;
    else high = middle - 1;
  }
  return source[low]!;
}
