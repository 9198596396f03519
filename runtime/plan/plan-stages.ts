import type { ResolvedColumn } from "../../shared/contract/describe.ts";
import type { ColumnRequest, RowOrder } from "../../shared/protocol/row-set.ts";
import type { CatalogEntry } from "../catalog/catalog.ts";
import { GATHER_INPUT, POSITION_COLUMNS } from "../../shared/protocol/gather-columns.ts";
import type { BoundFunction } from "./bind-inputs.ts";
import type { PlannedColumn } from "./invocation-plan.ts";

/** A stage before its rows are decided: its function, order and columns. */
export interface StageOutline {
  /** Null for the built-in that changes the order. */
  readonly bound: BoundFunction | null;
  readonly order: RowOrder;
  readonly outputs: readonly ResolvedColumn[];
  readonly columns: readonly PlannedColumn[];
  /** Indices of the stages it reads. */
  readonly sources: readonly number[];
}

/**
 * Lists a bound function and everything upstream of it, upstream first. Equal upstream calls become one stage.
 * Where a stage reads another order than its source gives, a gathering stage is inserted. The last stage gives the
 * result in symbol-time order.
 */
export function outlineStages(bound: BoundFunction): StageOutline[] {
  const stages: StageOutline[] = [];
  const known = new Map<string, number>();

  function add(outline: StageOutline, identity: string): number {
    const existing = known.get(identity);
    if (existing !== undefined) return existing;
    stages.push(outline);
    known.set(identity, stages.length - 1);
    return stages.length - 1;
  }

  function inOrder(stage: number, order: RowOrder): number {
    const source = stages[stage]!;
    if (source.order === order) return stage;
    const position = positionColumn(order);
    const columns: PlannedColumn[] = [
      { input: GATHER_INPUT, column: position.column, from: "row-set", request: position.request },
      ...source.outputs.map((column): PlannedColumn => ({
        input: GATHER_INPUT,
        column,
        from: "stage",
        stage,
      })),
    ];
    const outline: StageOutline = { bound: null, order, outputs: source.outputs, columns, sources: [stage] };
    return add(outline, `gather ${stage} ${order}`);
  }

  function visit(current: BoundFunction): number {
    const order = orderOf(current.entry);
    const upstream = current.upstream.map((source) => inOrder(visit(source), order));
    const columns = current.columns.map((column): PlannedColumn => {
      if (column.from === "function") {
        return {
          input: column.input,
          column: column.column,
          from: "stage",
          stage: upstream[column.upstream]!,
        };
      }
      const { name, type, nullable } = column.column;
      const request: ColumnRequest = { name, type, nullable, source: column.source };
      return { input: column.input, column: column.column, from: "row-set", request };
    });
    const identity = JSON.stringify([current.entry.codeFingerprint, current.resolved.params, columns]);
    return add(
      { bound: current, order, outputs: current.resolved.outputs, columns, sources: upstream },
      identity,
    );
  }

  const last = visit(bound);
  if (bound.entry.description.shape === "feature") inOrder(last, "symbol-time");
  return stages;
}

function orderOf(entry: CatalogEntry): RowOrder {
  return entry.description.partition === "date" ? "time-symbol" : "symbol-time";
}

function positionColumn(order: RowOrder): { column: ResolvedColumn; request: ColumnRequest } {
  const name = POSITION_COLUMNS[order];
  return {
    column: { name, type: "int32", nullable: false, unit: "none" },
    request: { name, type: "int32", nullable: false, source: { kind: "own" } },
  };
}
