import type { UnitRanges } from "../../shared/protocol/child-message.ts";
import type { RowSetIndex } from "../../shared/protocol/row-set.ts";
import type { StageOutline } from "../plan/plan-stages.ts";
import type { TimeOfRow } from "../plan/select-units.ts";
import type { AppendReach } from "./append-reach.ts";
import { firstRowFrom, type PlacedUnits } from "./place-units.ts";

/** The rows of a plan's stages within a row set of late rows, or what that row set lacks. */
export type RowsToCompute =
  | {
      readonly kind: "rows";
      /** By stage: its units or, for a stage over moments, its first moment. */
      readonly stages: readonly (UnitRanges | { readonly firstMoment: number })[];
    }
  /** Earlier rows are missing: all those of some symbols, or every row from a time on. */
  | { readonly kind: "lacking"; readonly whole: readonly string[]; readonly since: number | null };

export interface RowsFacts {
  readonly stages: readonly StageOutline[];
  readonly reach: AppendReach;
  readonly index: RowSetIndex;
  readonly timeOf: TimeOfRow;
  readonly placed: PlacedUnits;
  /** Where the row set begins. */
  readonly since: number;
}

/**
 * Works backwards from the last stage, which outputs the new rows, to the rows that every stage must output and
 * read. Reports the symbols for which the row set begins too late.
 */
export function rowsToCompute(facts: RowsFacts): RowsToCompute {
  const { stages, reach, index, timeOf, placed, since } = facts;
  /** By stage and symbol, the first row to output. */
  const first = stages.map(() => new Map<number, number>());
  const moment = stages.map(() => Number.POSITIVE_INFINITY);
  const lastStage = stages.length - 1;
  const short = new Set<string>();

  const unitsOf = (i: number): UnitRanges => {
    const units: Growing = {
      symbol: [],
      firstRow: [],
      rowCount: [],
      skip: [],
      outputRowCount: [],
      ordinal: [],
    };
    const lookBack = reach.lookBacks[i]!;
    for (const code of [...first[i]!.keys()].toSorted((a, b) => a - b)) {
      const output = first[i]!.get(code)!;
      const start = index.firstRows[code]!;
      const end = index.firstRows[code + 1]!;
      const wanted = lookBack === null ? start : output - lookBack;
      if ((lookBack === null || wanted < start) && !placed.isComplete(code)) short.add(index.symbols[code]!);
      const from = Math.max(start, wanted);
      units.symbol.push(code);
      units.firstRow.push(from);
      units.rowCount.push(end - from);
      units.skip.push(output - from);
      units.outputRowCount.push(end - output);
      units.ordinal.push(placed.ordinalOf(code) + from - start);
    }
    return units;
  };
  const need = (i: number, code: number, row: number) => {
    const before = first[i]!.get(code);
    if (before === undefined || row < before) first[i]!.set(code, row);
  };

  for (const { code, firstNew } of placed.chosen) need(lastStage, code, firstNew);
  const planned = stages.map((): UnitRanges | { firstMoment: number } => ({ firstMoment: 0 }));
  for (let i = lastStage; i >= 0; i--) {
    const { order, sources } = stages[i]!;
    const units = order === "symbol-time" ? unitsOf(i) : null;
    planned[i] = units ?? { firstMoment: moment[i]! };
    for (const source of sources) {
      const isByMoment = stages[source]!.order === "time-symbol";
      if (units !== null && isByMoment) {
        for (const row of units.firstRow) moment[source] = Math.min(moment[source]!, timeOf(row));
      } else if (units !== null) {
        units.symbol.forEach((code, unit) => need(source, code, units.firstRow[unit]!));
      } else if (isByMoment) {
        moment[source] = Math.min(moment[source]!, moment[i]!);
      } else {
        for (let code = 0; code < index.symbols.length; code++) {
          const row = firstRowFrom(timeOf, index.firstRows[code]!, index.firstRows[code + 1]!, moment[i]!);
          if (row < index.firstRows[code + 1]!) need(source, code, row);
        }
      }
    }
  }
  const earliest = Math.min(...moment);
  const isLate = earliest < since;
  if (short.size > 0 || isLate) {
    return { kind: "lacking", whole: [...short], since: isLate ? earliest : null };
  }
  return { kind: "rows", stages: planned };
}

type Growing = { -readonly [Name in keyof UnitRanges]: number[] };
