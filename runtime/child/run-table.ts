import type { TableDefinition } from "../../shared/contract/definition.ts";
import { emptyTotals, type HandlerRun, noteTimes, type RunTotals } from "./run-totals.ts";
import type { OutputBatch, OutputSink } from "./sinks/output-batch.ts";
import { TableRows } from "./table-rows.ts";

/**
 * The number of rows gathered before a batch is written, so that small results of many units form one record batch.
 */
const BATCH_ROWS = 65_536;

/**
 * Calls a table function's handler unit by unit. Results of symbols arrive in order and are written as they
 * accumulate; results of dates or of the whole are sorted by (symbol, ts) before anything is written.
 */
export function runTable(
  definition: TableDefinition,
  { params, message, reader, sink }: HandlerRun,
): RunTotals {
  const { units, partition } = message;
  const rows = new TableRows(message);
  const symbolRows = { symbols: [] as number[], rowCounts: [] as number[] };
  const totals = { ...emptyTotals(), symbolRows: rows.isKeyed ? symbolRows : null };
  const flush = () => {
    const startedAt = performance.now();
    const batch = rows.take();
    writeRows(batch, sink, totals);
    for (const { symbol, rowCount } of batch.units) {
      symbolRows.symbols.push(symbol);
      symbolRows.rowCounts.push(rowCount);
    }
    totals.sinkMs += performance.now() - startedAt;
  };
  for (let unit = 0; unit < units.rowCount.length; unit++) {
    const startedAt = performance.now();
    const result: unknown = definition.handler(reader.inputs(unit), reader.context(unit, params));
    rows.add(result, units.symbol[unit]!, () => reader.nameOf(unit));
    totals.handlerMs += performance.now() - startedAt;
    if (partition === "symbol" && rows.rowCount >= BATCH_ROWS) flush();
  }
  if (partition !== "symbol") rows.sort();
  flush();
  return totals;
}

function writeRows(batch: OutputBatch, sink: OutputSink, totals: RunTotals): void {
  if (batch.rowCount === 0) return;
  sink.write(batch);
  totals.rowCount += batch.rowCount;
  if (batch.ts !== null) noteTimes(totals, batch.ts, batch.units);
}
