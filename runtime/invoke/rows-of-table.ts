import type { LoadedColumn, RowSetIndex } from "../../shared/protocol/row-set.ts";
import { columnFileName } from "../../shared/protocol/column-file-name.ts";
import type { DatasetRecord } from "../store/dataset.ts";
import type { PreparedPlan } from "./prepare-plan.ts";
import { resultSchema, resultSymbols } from "./result-schema.ts";
import type { GivenRows } from "./row-source.ts";
import type { PartitionResult } from "../results/partition-result.ts";

/**
 * Presents a table's partitions as one row set, with the table's own times and symbols and the column files it
 * wrote.
 */
export function rowsOfTable(
  { plan }: PreparedPlan,
  results: readonly PartitionResult[],
  record: DatasetRecord,
): GivenRows {
  const [, ts, ...all] = resultSchema(plan);
  if (ts === undefined || (ts.type !== "date32" && ts.type !== "timestamp")) {
    throw new Error("A table without times was admitted as an input");
  }
  const outputs = all.filter(({ type }) => type !== "utf8");
  const symbols = resultSymbols(plan);
  const rowCounts = symbols.map(() => 0);
  for (const { reply } of results) {
    reply.symbolRows?.symbols.forEach((symbol, i) => {
      rowCounts[symbol] = reply.symbolRows?.rowCounts[i] ?? 0;
    });
  }
  const firstRows = [0];
  for (const rows of rowCounts) firstRows.push(firstRows.at(-1)! + rows);
  const index: RowSetIndex = {
    order: "symbol-time",
    tsType: ts.type,
    rowCount: firstRows.at(-1)!,
    symbols,
    firstRows,
    unitTimes: [],
  };
  const columns = [ts, ...outputs].map((field) => loadedColumn(field, results));
  const derived: DatasetRecord = {
    ...record,
    fingerprint: plan.fingerprint,
    layout: "overlapping",
    files: [],
    columns: [ts, ...outputs].map(({ name, type }) => ({ name, type, nullable: true })),
    clocks:
      record.clocks === null || ts.type === "timestamp"
        ? record.clocks
        : { ...record.clocks, intervalSeconds: "1d" },
    firstTs: inUnitOf(ts.type, plan.tsType, record.firstTs),
    lastTs: inUnitOf(ts.type, plan.tsType, record.lastTs),
  };
  return { record: derived, index, columns };
}

function loadedColumn(
  field: { readonly name: string; readonly type: LoadedColumn["request"]["type"] },
  results: readonly PartitionResult[],
): LoadedColumn {
  let firstRow = 0;
  const parts = results.flatMap(({ outDir, reply }) => {
    const part = { path: `${outDir}/${columnFileName(field.name)}`, firstRow, rowCount: reply.rowCount };
    firstRow += reply.rowCount;
    return reply.rowCount === 0 ? [] : [part];
  });
  const { name, type } = field;
  return { request: { name, type, nullable: true, source: { kind: "own" } }, parts, labels: null };
}

function inUnitOf(
  to: "date32" | "timestamp",
  from: "date32" | "timestamp",
  time: number | null,
): number | null {
  if (time === null || to === from) return time;
  return to === "date32" ? Math.floor(time / 86_400_000_000) : time * 86_400_000_000;
}
