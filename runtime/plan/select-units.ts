import { firstIndex } from "../../shared/first-index.ts";
import type { UnitRanges } from "../../shared/protocol/child-message.ts";
import type { RowSetIndex } from "../../shared/protocol/row-set.ts";

/** Event time of a row; ascending within a symbol. */
export type TimeOfRow = (row: number) => number;

/** The wanted output rows, in the unit of `ts`; a null bound is open. */
export interface Window {
  /** Inclusive. */
  readonly from: number | null;
  /** Exclusive. */
  readonly to: number | null;
  /** Rows after this time were not known yet, so they are not input either. */
  readonly knownUntil: number | null;
}

/** Units and, for each, the rows a stage must output. Made from the selection, then passed from stage to stage. */
export interface OutputRanges {
  readonly symbol: readonly number[];
  readonly unitFirstRow: readonly number[];
  /** End of the unit's known rows. */
  readonly unitEndRow: readonly number[];
  readonly firstRow: readonly number[];
  readonly endRow: readonly number[];
}

/**
 * The output rows of each selected symbol of a symbol-time row set. Units are numbered within the selection; units
 * without output rows are left out. `symbols` are unit numbers in the row set, -1 for a symbol it lacks. `timeOf`
 * is called only if the window is bounded.
 */
export function selectSymbolUnits(
  index: RowSetIndex,
  symbols: readonly number[] | null,
  window: Window,
  timeOf: TimeOfRow,
): OutputRanges {
  const ranges = emptyRanges();
  const count = symbols?.length ?? index.symbols.length;
  for (let i = 0; i < count; i++) {
    const unit = symbols === null ? i : symbols[i]!;
    // The symbol has no row as of this moment.
    if (unit < 0) continue;
    const first = index.firstRows[unit]!;
    const end = index.firstRows[unit + 1]!;
    const knownEnd = window.knownUntil === null ? end : firstRowAfter(timeOf, first, end, window.knownUntil);
    const firstOut = window.from === null ? first : firstRowFrom(timeOf, first, knownEnd, window.from);
    const endOut = window.to === null ? knownEnd : firstRowFrom(timeOf, firstOut, knownEnd, window.to);
    if (endOut > firstOut) push(ranges, i, first, knownEnd, firstOut, endOut);
  }
  return ranges;
}

/** The moments of a time-symbol row set within the window, as units. */
export function selectTimeUnits(index: RowSetIndex, window: Window): OutputRanges {
  const { unitTimes, firstRows } = index;
  const timeOf = (unit: number) => unitTimes[unit]!;
  const { from, to, knownUntil } = window;
  const first = from === null ? 0 : firstRowFrom(timeOf, 0, unitTimes.length, from);
  const known =
    knownUntil === null ? unitTimes.length : firstRowAfter(timeOf, first, unitTimes.length, knownUntil);
  const end = to === null ? known : firstRowFrom(timeOf, first, known, to);
  // Slices take a tenth of the time of picking moments one by one, and there can be a hundred thousand.
  const firstRow = firstRows.slice(first, end);
  const endRow = firstRows.slice(first + 1, end + 1);
  const symbol = Array.from(firstRow, () => -1);
  return { symbol, unitFirstRow: firstRow, unitEndRow: endRow, firstRow, endRow };
}

/** The rows a stage reads to output these: `lookBack` more bars per unit, or everything from the unit's first row. */
export function inputRanges(outputs: OutputRanges, lookBack: number | null): UnitRanges {
  const { symbol, unitFirstRow, unitEndRow, firstRow, endRow } = outputs;
  const inputFirst = firstRow.map((row, i) =>
    lookBack === null ? unitFirstRow[i]! : Math.max(unitFirstRow[i]!, row - lookBack),
  );
  return {
    symbol,
    firstRow: inputFirst,
    // The input is never cut at the window's end: no value, not even a label's, may depend on it.
    rowCount: inputFirst.map((row, i) => unitEndRow[i]! - row),
    skip: inputFirst.map((row, i) => firstRow[i]! - row),
    outputRowCount: endRow.map((row, i) => row - firstRow[i]!),
    ordinal: inputFirst.map((row, i) => row - unitFirstRow[i]!),
  };
}

/** The rows an upstream stage must output so that a stage can read `inputs`. */
export function requiredOutputs(outputs: OutputRanges, inputs: UnitRanges): OutputRanges {
  return {
    ...outputs,
    firstRow: inputs.firstRow,
    endRow: inputs.firstRow.map((row, i) => row + inputs.rowCount[i]!),
  };
}

/** First row with a time ≥ `time`. */
function firstRowFrom(timeOf: TimeOfRow, first: number, end: number, time: number): number {
  return firstIndex(first, end, (row) => timeOf(row) >= time);
}

/** First row with a time > `time`. */
function firstRowAfter(timeOf: TimeOfRow, first: number, end: number, time: number): number {
  return firstIndex(first, end, (row) => timeOf(row) > time);
}

type Growing = { -readonly [Name in keyof OutputRanges]: number[] };

function emptyRanges(): Growing {
  return { symbol: [], unitFirstRow: [], unitEndRow: [], firstRow: [], endRow: [] };
}

function push(
  ranges: Growing,
  symbol: number,
  unitFirst: number,
  unitEnd: number,
  first: number,
  end: number,
): void {
  ranges.symbol.push(symbol);
  ranges.unitFirstRow.push(unitFirst);
  ranges.unitEndRow.push(unitEnd);
  ranges.firstRow.push(first);
  ranges.endRow.push(end);
}
