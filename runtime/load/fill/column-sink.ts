import type { PartEvent } from "../../../shared/protocol/engine.ts";
import type { ColumnPart, LoadedColumn } from "../../../shared/protocol/row-set.ts";
import type { ColumnPlan } from "./column-plan.ts";
import type { WrittenPart } from "./part-writer.ts";

/** Reports parts as they are finished, and keeps them for the last frame. */
export interface ColumnSink {
  finished(column: number, written: WrittenPart, labels: readonly string[] | null): void;
  partsOf(column: number): ColumnPart[];
}

export function createColumnSink(event: (value: PartEvent) => void): ColumnSink {
  const parts = new Map<number, ColumnPart[]>();
  return {
    finished(column, { part, byteLength, nullCount }, labels) {
      const list = parts.get(column) ?? [];
      list.push(part);
      list.sort((a, b) => a.firstRow - b.firstRow);
      parts.set(column, list);
      event({ kind: "part", column, part, byteLength, nullCount, labels });
    },
    partsOf: (column) => parts.get(column) ?? [],
  };
}

export function loadedColumns(plans: readonly ColumnPlan[], sink: ColumnSink): LoadedColumn[] {
  return plans.map(({ request, labels }, i) => ({ request, parts: sink.partsOf(i), labels }));
}
