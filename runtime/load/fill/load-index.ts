import { join } from "node:path";
import type { LoadIndexEnd } from "../../../shared/protocol/engine.ts";
import type { ColumnRequest, RowSetIndex } from "../../../shared/protocol/row-set.ts";
import { openClocks } from "../../../shared/time/index.ts";
import type { EngineHandler } from "../../engine/engine-handler.ts";
import { columnStem } from "../column-stem.ts";
import { createColumnSink } from "./column-sink.ts";
import { cutRows } from "./cut-rows.ts";
import { symbolsOf, type DatasetVersion } from "./dataset-reader.ts";
import { writeOrder } from "./order-file.ts";
import { startReadCounter } from "./read-counter.ts";
import { orderRows, type RowOrder, type StoredRows } from "./row-order.ts";
import { selectRows } from "./row-selection.ts";
import { scanKeys } from "./scan-keys.ts";
import { writeColumn } from "./write-column.ts";

/** Brings an overlapping or bitemporal dataset into (symbol, ts) order and stores that order. */
export const loadIndex: EngineHandler<"load-index"> = async (
  { key, dir },
  call,
  context,
): Promise<LoadIndexEnd> => {
  const statistics = startReadCounter();
  const version = context.datasets.open(key.dataset, key.version);
  try {
    const symbols = symbolsOf(version, key);
    const rows = selectRows(version.record, key);
    const filter = {
      ...rows,
      pagesTell: key.recent === undefined || rows.where === "",
      symbols,
      asOfMicros: key.asOfMicros,
      lastTs: lastTsOf(version, key.asOfMicros),
    };
    const stored = await scanKeys(version, filter, context.database, call.signal);
    const order = orderRows(stored, symbols.length);
    const firstRows = Array.from(order.firstRows);
    const rowCount = firstRows.at(-1)!;
    const tsType = stored.ts instanceof Int32Array ? "date32" : "timestamp";
    const index: RowSetIndex = { order: "symbol-time", tsType, rowCount, symbols, firstRows, unitTimes: [] };
    writeOrder(dir, {
      positions: order.positions.subarray(0, stored.rowCount),
      storedRows: stored.storedRows?.subarray(0, stored.rowCount) ?? null,
    });
    const sink = createColumnSink((event) => call.event(event));
    const request: ColumnRequest = { name: "ts", type: tsType, nullable: false, source: { kind: "own" } };
    const write = {
      name: request.name,
      fileType: tsType,
      pathOf: (part: number) => join(dir, `${columnStem(request)}-${part}.arrow`),
      runs: cutRows(firstRows, context.partRows),
    } as const;
    for (const written of writeColumn(write, timesInOrder(stored, order, rowCount))) {
      sink.finished(0, written, null);
    }
    return {
      index,
      columns: [{ request, parts: sink.partsOf(0), labels: null }],
      statistics: statistics(rowCount),
    };
  } catch (error) {
    throw context.datasets.explain(version, error);
  }
};

/** Without known times, the dataset's clocks decide when a row is known: `asOf` then means a last event time. */
function lastTsOf({ record }: DatasetVersion, asOfMicros: number | null): number | null {
  if (asOfMicros === null || record.knownTime !== null || record.clocks === null) return null;
  return openClocks(record.clocks).asOfCutoff(asOfMicros);
}

function timesInOrder(
  { ts, rowCount: storedCount }: StoredRows,
  { positions }: RowOrder,
  rowCount: number,
): Int32Array | BigInt64Array {
  if (ts instanceof Int32Array) {
    const days = new Int32Array(rowCount);
    for (let row = 0; row < storedCount; row++) if (positions[row]! >= 0) days[positions[row]!] = ts[row]!;
    return days;
  }
  const micros = new BigInt64Array(rowCount);
  const halves = new Int32Array(micros.buffer);
  for (let row = 0; row < storedCount; row++) {
    const position = positions[row]!;
    if (position < 0) continue;
    // Two halves per row, because a bigint would be allocated.
    const high = Math.floor(ts[row]! / 2 ** 32);
    halves[2 * position] = ts[row]! - high * 2 ** 32;
    halves[2 * position + 1] = high;
  }
  return micros;
}
