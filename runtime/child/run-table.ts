import type { ArrowTable, TableDefinition } from "../../shared/contract/definition.ts";
import type { RunMessage } from "../../shared/protocol/child-message.ts";
import { noteTimes, type RunTotals } from "./run-feature.ts";
import type { OutputSink } from "./sinks/output-batch.ts";
import { type ResultRows, TableRows } from "./table-rows.ts";
import type { UnitReader } from "./unit-reader.ts";

/** Rows gathered before a batch is written: small results of many units make one record batch. */
const BATCH_ROWS = 65_536;

/**
 * Calls a table function's handler unit by unit. Results of symbols come in order and are written as they
 * gather; results of dates or of the whole are sorted by (symbol, ts) before anything is written.
 */
export function runTable(
  definition: TableDefinition,
  params: Readonly<Record<string, unknown>>,
  message: RunMessage,
  reader: UnitReader,
  sink: OutputSink,
): RunTotals {
  const { units, partition } = message;
  const totals: RunTotals = {
    rowCount: 0,
    handlerMs: 0,
    sinkMs: 0,
    firstTs: null,
    lastTs: null,
    unitRowCounts: [],
  };
  const rows = new TableRows(message);
  const flush = () => {
    const startedAt = performance.now();
    writeRows(rows.take(), sink, totals);
    totals.sinkMs += performance.now() - startedAt;
  };
  for (let unit = 0; unit < units.rowCount.length; unit++) {
    const startedAt = performance.now();
    const result: unknown = definition.handler(reader.inputs(unit), reader.context(unit, params));
    const added = rows.add(columnsOf(result), units.symbol[unit]!, reader.nameOf(unit));
    totals.unitRowCounts?.push(added);
    totals.handlerMs += performance.now() - startedAt;
    if (partition === "symbol" && rows.rowCount >= BATCH_ROWS) flush();
  }
  if (partition !== "symbol") rows.sort();
  flush();
  return totals;
}

function writeRows(batch: ResultRows, sink: OutputSink, totals: RunTotals): void {
  if (batch.rowCount === 0) return;
  sink.write(batch);
  totals.rowCount += batch.rowCount;
  if (batch.ts !== null) noteTimes(totals, batch.ts, batch.units);
}

/** A plain record of columns, whichever of the two forms the handler returned. */
function columnsOf(result: unknown): unknown {
  if (!isArrowTable(result)) return result;
  const columns: Record<string, unknown[]> = {};
  for (const { name } of result.schema.fields) {
    const vector = result.getChild(name);
    columns[name] = Array.from({ length: result.numRows }, (_, row) => vector?.get(row) ?? null);
  }
  return columns;
}

function isArrowTable(value: unknown): value is ArrowTable {
  return (
    typeof value === "object" &&
    value !== null &&
    "numRows" in value &&
    "getChild" in value &&
    typeof value.getChild === "function"
  );
}
