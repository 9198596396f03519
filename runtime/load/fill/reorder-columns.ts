import { join } from "node:path";
import type { LoadColumnsEnd } from "../../../shared/protocol/engine.ts";
import type { LoadedColumn } from "../../../shared/protocol/row-set.ts";
import type { EngineHandler } from "../../engine/engine-handler.ts";
import { columnStem } from "../column-stem.ts";
import { createColumnSink } from "./column-sink.ts";
import { cutRows } from "./cut-rows.ts";
import { gather, gatherBytes } from "./gather.ts";
import { readColumn } from "./read-column.ts";
import { startReadCounter } from "./read-counter.ts";
import { readRowSetIndex } from "./read-index.ts";
import { writeColumn } from "./write-column.ts";

/** Brings columns of the `symbol-time` row set into time order, one at a time. */
export const reorderColumns: EngineHandler<"reorder-columns"> = async (
  { dir, columns, by },
  call,
  context,
): Promise<LoadColumnsEnd> => {
  const statistics = startReadCounter();
  const { firstRows, rowCount } = readRowSetIndex(dir);
  const runs = cutRows(firstRows, context.partRows);
  const rows = rowsOf(by);
  const sink = createColumnSink((event) => call.event(event));
  const loaded = columns.map((column, number): LoadedColumn => {
    call.signal.throwIfAborted();
    const { request, labels } = column;
    const { type, values, valid } = readColumn(column);
    const target = {
      name: request.name,
      fileType: type,
      runs,
      pathOf: (part: number) => join(dir, `${columnStem(request)}-${part}.arrow`),
    };
    const reorderedValid = valid === null ? null : gatherBytes(valid, rows);
    for (const written of writeColumn(target, gather(values, rows), reorderedValid)) {
      sink.finished(number, written, labels);
    }
    return { request, parts: sink.partsOf(number), labels };
  });
  return { columns: loaded, statistics: statistics(rowCount) };
};

/** Creates `time-symbol-row`: for each row in symbol order, its row in time order. */
export const invertOrder: EngineHandler<"invert-order"> = async (
  { dir, by },
  call,
  context,
): Promise<LoadColumnsEnd> => {
  const statistics = startReadCounter();
  const { firstRows, rowCount } = readRowSetIndex(dir);
  const rows = rowsOf(by);
  const inverse = new Int32Array(rowCount);
  for (let i = 0; i < rows.length; i++) inverse[rows[i]!] = i;
  const request = {
    name: "time-symbol-row",
    type: "int32",
    nullable: false,
    source: { kind: "own" },
  } as const;
  const target = {
    name: request.name,
    fileType: request.type,
    runs: cutRows(firstRows, context.partRows),
    pathOf: (part: number) => join(dir, `${columnStem(request)}-${part}.arrow`),
  };
  const sink = createColumnSink((event) => call.event(event));
  for (const written of writeColumn(target, inverse)) sink.finished(0, written, null);
  return {
    columns: [{ request, parts: sink.partsOf(0), labels: null }],
    statistics: statistics(rowCount),
  };
};

function rowsOf(by: LoadedColumn): Int32Array {
  const { values } = readColumn(by);
  if (values instanceof Int32Array) return values;
  throw new Error(`${by.request.name} is not a column of row numbers`);
}
