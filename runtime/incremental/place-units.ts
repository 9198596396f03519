import { firstIndex } from "../../shared/first-index.ts";
import type { RowSetIndex } from "../../shared/protocol/row-set.ts";
import type { UnitFacts } from "../../shared/row-checksum/index.ts";
import type { TimeOfRow } from "../plan/select-units.ts";
import type { Choice } from "./choose-symbols.ts";

/** Where an earlier version's symbols stand in a row set of late rows. */
export interface PlacedUnits {
  /** The symbols with new rows: their number in the row set, and their first new row. */
  readonly chosen: readonly { readonly code: number; readonly firstNew: number }[];
  /** How many bars of a symbol precede its first row in the row set. */
  ordinalOf(code: number): number;
  /** Whether the row set holds every row of a symbol. */
  isComplete(code: number): boolean;
}

export interface PlaceFacts {
  readonly choice: Choice;
  readonly index: RowSetIndex;
  readonly timeOf: TimeOfRow;
  /** What the earlier version ends with. */
  readonly units: UnitFacts;
  /** The symbols that the row set holds completely. */
  readonly whole: ReadonlySet<string>;
}

/** Finds the earlier version's last row of each symbol in the row set. */
export function placeUnits({ choice, index, timeOf, units, whole }: PlaceFacts): PlacedUnits {
  const codeOf = new Map(index.symbols.map((symbol, code) => [symbol, code]));
  const unitOf = new Map(units.symbols.map((symbol, unit) => [symbol, unit]));
  const fresh = new Set(choice.symbols.flatMap((one) => (one.keptUnit === null ? [one.symbol] : [])));
  const firstNews = new Map<number, number>();
  const firstNewOf = (code: number, unit: number) => {
    const known = firstNews.get(code);
    if (known !== undefined) return known;
    const from = index.firstRows[code]!;
    const firstNew = firstRowFrom(timeOf, from, index.firstRows[code + 1]!, units.lastTs[unit]! + 1);
    firstNews.set(code, firstNew);
    return firstNew;
  };
  const ordinalOf = (code: number) => {
    const symbol = index.symbols[code]!;
    const unit = unitOf.get(symbol);
    if (unit === undefined || fresh.has(symbol) || whole.has(symbol)) return 0;
    return units.rowCounts[unit]! - (firstNewOf(code, unit) - index.firstRows[code]!);
  };
  return {
    chosen: choice.symbols.flatMap(({ symbol, keptUnit }) => {
      const code = codeOf.get(symbol)!;
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

/** Symbols to append to that have fewer earlier rows in the row set than this, and more outside it. */
export function symbolsShortOf(bars: number, placed: PlacedUnits, index: RowSetIndex): string[] {
  return placed.chosen.flatMap(({ code, firstNew }) =>
    firstNew - index.firstRows[code]! < bars && !placed.isComplete(code) ? [index.symbols[code]!] : [],
  );
}

/** First row with a time ≥ `time`; `end` when there is none. */
export function firstRowFrom(timeOf: TimeOfRow, first: number, end: number, time: number): number {
  return firstIndex(first, end, (row) => timeOf(row) >= time);
}
