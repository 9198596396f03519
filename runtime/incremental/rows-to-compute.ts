import { firstIndex } from "../../shared/first-index.ts";
import type { UnitRanges } from "../../shared/protocol/child-message.ts";
import type { RowSetIndex } from "../../shared/protocol/row-set.ts";
import type { UnitFacts } from "../../shared/row-checksum/index.ts";
import type { StageOutline } from "../plan/plan-stages.ts";
import { indexOfSymbol } from "../plan/select-symbols.ts";
import type { TimeOfRow } from "../plan/select-units.ts";
import type { Choice } from "./choose-symbols.ts";
import type { AppendReach } from "./append-reach.ts";

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
  readonly choice: Choice;
  readonly index: RowSetIndex;
  readonly timeOf: TimeOfRow;
  /** What the earlier version ends with. */
  readonly units: UnitFacts;
  /** Where the row set begins, and which symbols it holds completely. */
  readonly since: number;
  readonly whole: ReadonlySet<string>;
}

/**
 * Works backwards from the last stage, which outputs the new rows, to the rows that every stage must output and
 * read. Reports the symbols for which the row set begins too late.
 */
export function rowsToCompute(facts: RowsFacts): RowsToCompute {
  const { stages, reach, index, timeOf, since } = facts;
  const known = placeUnits(facts);
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
      if ((lookBack === null || wanted < start) && !known.isComplete(code)) short.add(index.symbols[code]!);
      const from = Math.max(start, wanted);
      units.symbol.push(code);
      units.firstRow.push(from);
      units.rowCount.push(end - from);
      units.skip.push(output - from);
      units.outputRowCount.push(end - output);
      units.ordinal.push(known.ordinalOf(code) + from - start);
    }
    return units;
  };
  const need = (i: number, code: number, row: number) => {
    const before = first[i]!.get(code);
    if (before === undefined || row < before) first[i]!.set(code, row);
  };

  for (const { code, firstNew } of known.chosen) need(lastStage, code, firstNew);
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

/** Symbols to append to that have fewer earlier rows in the row set than this, and more outside it. */
export function symbolsShortOf(
  bars: number,
  facts: Pick<RowsFacts, "choice" | "index" | "timeOf" | "units" | "whole">,
): string[] {
  const { index } = facts;
  const known = placeUnits(facts);
  return known.chosen.flatMap(({ code, firstNew }) =>
    firstNew - index.firstRows[code]! < bars && !known.isComplete(code) ? [index.symbols[code]!] : [],
  );
}

interface PlacedUnits {
  readonly chosen: readonly { readonly code: number; readonly firstNew: number }[];
  /** How many bars of a symbol precede its first row in the row set. */
  ordinalOf(code: number): number;
  /** Whether the row set holds every row of a symbol. */
  isComplete(code: number): boolean;
}

/** Finds the earlier version's last row of each symbol in the row set. */
function placeUnits({
  choice,
  index,
  timeOf,
  units,
  whole,
}: Pick<RowsFacts, "choice" | "index" | "timeOf" | "units" | "whole">): PlacedUnits {
  const unitOf = new Map(units.symbols.map((symbol, unit) => [symbol, unit]));
  const fresh = new Set(choice.symbols.flatMap((one) => (one.keptUnit === null ? [one.symbol] : [])));
  const firstNewOf = (code: number, unit: number) =>
    firstRowFrom(timeOf, index.firstRows[code]!, index.firstRows[code + 1]!, units.lastTs[unit]! + 1);
  const ordinals = new Map<number, number>();
  const ordinalOf = (code: number) => {
    const symbol = index.symbols[code]!;
    const unit = unitOf.get(symbol);
    if (unit === undefined || fresh.has(symbol) || whole.has(symbol)) return 0;
    const known = ordinals.get(code);
    if (known !== undefined) return known;
    const before = units.rowCounts[unit]! - (firstNewOf(code, unit) - index.firstRows[code]!);
    ordinals.set(code, before);
    return before;
  };
  return {
    chosen: choice.symbols.flatMap(({ symbol, keptUnit }) => {
      const code = indexOfSymbol(index.symbols, symbol);
      const firstNew = keptUnit === null ? index.firstRows[code]! : firstNewOf(code, keptUnit);
      return firstNew < index.firstRows[code + 1]! ? [{ code, firstNew }] : [];
    }),
    ordinalOf,
    isComplete(code) {
      const symbol = index.symbols[code]!;
      return whole.has(symbol) || (unitOf.has(symbol) && !fresh.has(symbol) && ordinalOf(code) === 0);
    },
  };
}

type Growing = { -readonly [Name in keyof UnitRanges]: number[] };

/** First row with a time ≥ `time`; `end` when there is none. */
function firstRowFrom(timeOf: TimeOfRow, first: number, end: number, time: number): number {
  return firstIndex(first, end, (row) => timeOf(row) >= time);
}
