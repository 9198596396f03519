import { join } from "node:path";
import type { ColumnArray, FixedWidthType } from "../../../shared/arrow/index.ts";
import type { LoadIndexEnd } from "../../../shared/protocol/engine.ts";
import type { ColumnRequest, RowSetIndex } from "../../../shared/protocol/row-set.ts";
import type { EngineHandler } from "../../engine/engine-handler.ts";
import { columnStem } from "../column-stem.ts";
import { createColumnSink } from "./column-sink.ts";
import { cutRows } from "./cut-rows.ts";
import { gather } from "./gather.ts";
import { readColumn, toNumbers } from "./read-column.ts";
import { startReadCounter } from "./read-counter.ts";
import { orderByTime as orderRowsByTime } from "./time-order.ts";
import { writeColumn } from "./write-column.ts";

/** Creates the index and the key columns of a `time-symbol` row set from a `symbol-time` one. */
export const orderByTime: EngineHandler<"order-by-time"> = async (
  { dir, base, ts },
  call,
  context,
): Promise<LoadIndexEnd> => {
  const statistics = startReadCounter();
  const times = readColumn(ts);
  const { unitTimes, firstRows, symbolTimeRows } = orderRowsByTime(toNumbers(times.values));
  const index: RowSetIndex = {
    order: "time-symbol",
    tsType: base.tsType,
    rowCount: base.rowCount,
    symbols: base.symbols,
    firstRows: Array.from(firstRows),
    unitTimes: Array.from(unitTimes),
  };
  const codes = new Int32Array(base.rowCount);
  for (let code = 0; code < base.symbols.length; code++) {
    codes.fill(code, base.firstRows[code], base.firstRows[code + 1]);
  }
  const columns: readonly { name: string; type: FixedWidthType; values: ColumnArray }[] = [
    { name: "ts", type: base.tsType, values: gather(times.values, symbolTimeRows) },
    { name: "symbol", type: "int32", values: gather(codes, symbolTimeRows) },
    { name: "symbol-time-row", type: "int32", values: symbolTimeRows },
  ];
  const sink = createColumnSink((event) => call.event(event));
  const runs = cutRows(index.firstRows, context.partRows);
  const loaded = columns.map(({ name, type, values }, number) => {
    const request: ColumnRequest = { name, type, nullable: false, source: { kind: "own" } };
    const pathOf = (part: number) => join(dir, `${columnStem(request)}-${part}.arrow`);
    for (const written of writeColumn({ name, fileType: type, runs, pathOf }, values)) {
      sink.finished(number, written, null);
    }
    return { request, parts: sink.partsOf(number), labels: null };
  });
  return { index, columns: loaded, statistics: statistics(index.rowCount) };
};
